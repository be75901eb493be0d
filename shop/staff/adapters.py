"""The shop's rules for signing in, as adapters of allauth."""

import logging
import time
from typing import Any
from uuid import uuid4

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.core.internal.ratelimit import truncate_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.customers.models import Customer
from shop.logs.privacy import mark
from shop.profile.selectors import read_profile
from shop.staff.devices import known_device, remember_device
from shop.staff.second_factor import suffices
from shop.web.client_address import client_address
from shop.web.throttle import PASSWORDS_OF_NAME, Entry, Pace, TooFast, admit

logger = logging.getLogger(__name__)

TOO_FAST = _(
    "There were too many wrong entries. Please wait %(seconds)s seconds and try again. "
    "A device on which you have signed in before, or a passkey, lets you in at once."
)


class SignInAdapter(DefaultAccountAdapter):
    """Only members of staff sign in; there is no sign-up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _(
            "This name and this password do not belong together, or not to a member "
            "of staff. Both tell capital letters from small ones."
        ),
        "incorrect_password": _("This is not your password."),
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

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the entry. Raises ValidationError if it comes too fast."""
        name = credentials.get("username", "")
        user = User.objects.filter(username=name).first()
        self._entry = admit_entry(request, name, user, PASSWORDS_OF_NAME)

    def _rollback_login_failed_rl_usage(self) -> None:
        # allauth calls this after the right password.
        self._entry.was_right()

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> Any:
        response = super().post_login(request, user, **options)
        if suffices(request):
            remember_device(request, user, response)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        name = credentials.get("username", "")
        # What was typed may be anything, also a password.
        logger.warning(
            "sign-in of %s refused, from %s", mark(name), _client_mark(request)
        )

    def is_safe_url(self, url: str) -> bool:
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            # Not an address at all ("http://["): allauth parses it without care.
            return False

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
        logger.warning("second factor of user %d: %s", user.pk, what)


class FactorAdapter(DefaultMFAAdapter):
    """The second factor, named in apps by the shop's name."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _(
            "This code is wrong, too old, or was used before. Please wait for the "
            "next one and enter that."
        ),
    }

    def get_totp_issuer(self) -> str:
        with translation.override("en"):
            return read_profile().shop_name

    def get_totp_label(self, user: User) -> str:
        # The name that staff type to sign in; they may share a mail address.
        return user.get_username()

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """Return what devices show of a passkey: a customer's mail address."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        customer = Customer.objects.filter(user_id=user.pk).first()
        if customer:
            entity |= {"name": customer.email, "display_name": customer.email}
        return entity

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002
        held = Authenticator.objects.filter(user_id=user.pk, type=type)
        return gettext("Passkey %(number)s") % {"number": held.count() + 1}


def may_sign_in(user: User | None) -> bool:
    return user is not None and user.is_active and user.is_staff


def admit_entry(
    request: HttpRequest, name: str, user: User | None, for_name: Pace
) -> Entry:
    """Count a password or code. Raises ValidationError if it comes too fast."""
    address = get_account_adapter().get_client_ip(request)
    device = known_device(request, user)
    try:
        return admit(name.lower(), truncate_ip(address), device, for_name=for_name)
    except TooFast as error:
        logger.warning(
            "sign-in of %s slowed down, from %s", mark(name), _client_mark(request)
        )
        seconds = {"seconds": error.seconds}
        raise ValidationError(TOO_FAST, code="too_fast", params=seconds) from error


def _client_mark(request: HttpRequest) -> str:
    """Return the mark of the visitor's address."""
    return mark(client_address(request))
