"""The way to the issuer and back."""

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe
from requests import RequestException

from shop.customers.models import Customer
from shop.customers.oidc.adapter import refuse
from shop.customers.oidc.identities import linked_to, unlink
from shop.customers.oidc.protocol import IssuerAdapter
from shop.customers.visitor import for_fresh_customers, safe_way
from shop.web.redirects import see_other

PROVIDER = "oidc"  # as in settings.SOCIALACCOUNT_PROVIDERS
# An issuer that is away, or answers with something else than it should.
_UNREADABLE = (RequestException, OAuth2Error, ValueError, KeyError, TypeError)


@require_GET
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the issuer, with a state, a nonce and a challenge (PKCE).

    A link, because the content security policy forbids forms that lead to other hosts.
    A page of another site cannot make a browser follow it unseen.
    """
    _require_issuer()
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise PermissionDenied
    provider = get_adapter().get_provider(request, PROVIDER)
    provider.oauth2_adapter_class = IssuerAdapter
    nonce = get_random_string(32)
    way = safe_way(request, request.GET.get("next", ""))
    try:
        response: HttpResponse = provider.redirect(
            request,
            "login",
            next_url=way,
            data={"nonce": nonce},
            auth_params={"nonce": nonce},
        )
    except _UNREADABLE as error:
        return refuse(request, f"the issuer cannot be reached: {error!r}")
    return response


@require_GET
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """Receive the browser from the issuer."""
    _require_issuer()
    view = OAuth2CallbackView.adapter_view(IssuerAdapter(request, PROVIDER))
    try:
        response: HttpResponse = view(request)
    except _UNREADABLE as error:
        return refuse(request, f"the issuer cannot be reached: {error!r}")
    return response


@require_safe
@never_cache
@for_fresh_customers
def show(request: HttpRequest, customer: Customer) -> HttpResponse:
    """List the identities that open the account."""
    context = {"identities": linked_to(customer), "customer": customer}
    return render(request, "customers/identities.html", context)


@require_POST
@for_fresh_customers
def remove(request: HttpRequest, customer: Customer, pk: int) -> HttpResponse:
    if unlink(customer, pk):
        text = _("The service is unlinked. It can no longer open your account.")
        messages.success(request, text)
    return see_other("customers:identities")


def _require_issuer() -> None:
    if not settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]:
        raise Http404
