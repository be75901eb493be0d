"""Where the sign-in at an issuer ends: in a customer's session, or in a refusal."""

import logging
from typing import Any, Never

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from shop.customers import sessions
from shop.customers.errors import AccountClosed
from shop.customers.oidc.identities import NotVerified, open_account
from shop.customers.oidc.protocol import claims_of
from shop.customers.visitor import safe_way
from shop.web.redirects import see_other

logger = logging.getLogger(__name__)
HOME = "checkout:my_page"


class IdentityAdapter(DefaultSocialAccountAdapter):
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> Never:
        """Take over from allauth, which would look for users among staff, too."""
        raise ImmediateHttpResponse(_finish(request, sociallogin))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,  # noqa: ARG002
    ) -> Never:
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(see_other("customers:sign_in"))
        raise ImmediateHttpResponse(refuse(request, f"{provider.name}: {exception!r}"))


def refuse(request: HttpRequest, why: str) -> HttpResponse:
    """Lead back to the other ways of signing in. The log says what was wrong."""
    logger.warning("no sign-in by OpenID Connect: %s", why)
    text = _(
        "The sign-in did not work. Please try again, or have a code sent by email."
    )
    messages.error(request, text)
    return see_other("customers:sign_in")


def _finish(request: HttpRequest, login: SocialLogin) -> HttpResponse:
    account = login.account
    try:
        customer = open_account(account.provider, account.uid, claims_of(login))
    except OAuth2Error as error:
        return refuse(request, str(error))
    except NotVerified:
        text = _(
            "Your email address is not verified there, so we cannot use it. Have a "
            "code sent by email instead."
        )
        messages.error(request, text)
        return see_other("customers:sign_in")
    except AccountClosed:
        messages.error(request, _("This account is closed. Please contact us."))
        return see_other("customers:sign_in")
    way = safe_way(request, login.state.get("next") or "")
    response = see_other(way or HOME)
    sessions.sign_in(request, customer, response)
    return response
