"""The way to the issuer and back."""

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from requests import RequestException

from shop.customers.oidc.adapter import refuse
from shop.customers.oidc.protocol import IssuerAdapter
from shop.customers.visitor import safe_way

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


def _require_issuer() -> None:
    if not settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]:
        raise Http404
