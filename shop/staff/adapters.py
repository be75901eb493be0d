"""The shop's rules for signing in, as adapters of allauth."""

import logging
import time
from typing import Any
from uuid import uuid4

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.client_address import client_address

logger = logging.getLogger(__name__)

LOCKED = format_lazy(
    _(
        "Too many wrong entries. Signing in is locked for {minutes} minutes, for this "
        "name or this internet connection; please try again then. A passkey that "
        "needs no password still lets you in."
    ),
    minutes=settings.STAFF_LOCKOUT_MINUTES,
)


class SignInAdapter(DefaultAccountAdapter):
    """Only members of staff sign in; there is no sign-up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _(
            "This name and this password do not belong together, or not to a member "
            "of staff. Both tell capital letters from small ones."
        ),
        "incorrect_password": _("This is not your password."),
        "too_many_login_attempts": LOCKED,
        "rate_limited": LOCKED,
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        return user if may_sign_in(user) else None

    def pre_login(
        self, request: HttpRequest, user: User, **options: Any
    ) -> HttpResponse | None:
        """Refuse a passkey of a person who is no longer a member of staff."""
        if not may_sign_in(user):
            clear_login(request)
            return redirect("account_login")
        response: HttpResponse | None = super().pre_login(request, user, **options)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        name = credentials.get("username", "")
        logger.warning("sign-in of %r refused, from %s", name, describe_client(request))

    def validation_error(self, code: str, *args: object) -> ValidationError:
        if code in ("too_many_login_attempts", "rate_limited"):
            logger.warning("sign-in locked, from %s", describe_client(context.request))
        error: ValidationError = super().validation_error(code, *args)
        return error

    def get_client_ip(self, request: HttpRequest) -> str:
        # Every unknown address counts separately: a proxy missing from TRUSTED_PROXIES
        # must not lock out all staff. The limit per name still applies.
        return client_address(request) or f"unknown-{uuid4()}"

    def is_reauthentication_required(self, **_options: Any) -> bool:
        """Return whether the last sign-in is too old for a change of factors."""
        request = context.request
        records = get_authentication_records(request, request.user)
        if not records:
            return True
        age: float = time.time() - records[-1]["at"]
        return age >= float(app_settings.REAUTHENTICATION_TIMEOUT)

    def send_notification_mail(
        self, template_prefix: str, user: User, *_args: Any, **_options: Any
    ) -> None:
        """Log the change of a factor, instead of sending a mail."""
        what = template_prefix.rpartition("/")[2]
        logger.warning("second factor of %s: %s", user.get_username(), what)


class FactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _(
            "This code is wrong, too old, or was used before. Please wait for the "
            "next one and enter that."
        ),
    }

    def get_totp_label(self, user: User) -> str:
        # The name that staff type to sign in; they may share a mail address.
        return user.get_username()

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002
        held = Authenticator.objects.filter(user_id=user.pk, type=type)
        return gettext("Passkey %(number)s") % {"number": held.count() + 1}


def may_sign_in(user: User | None) -> bool:
    return user is not None and user.is_active and user.is_staff


def describe_client(request: HttpRequest) -> str:
    return client_address(request) or "an unknown address"
