"""Whether staff need a second factor, have one, and showed it in this session."""

import logging

from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

logger = logging.getLogger(__name__)

# Recovery codes stand in for one of these, and do not count by themselves.
SUFFICIENT = frozenset({Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN})


def is_required() -> bool:
    required: bool = settings.STAFF_SECOND_FACTOR == "required"
    return required


def kinds(user: User) -> set[str]:
    """Return what the user has: ``totp``, ``webauthn``, ``recovery_codes``."""
    held = Authenticator.objects.filter(user_id=user.pk)
    return set(held.values_list("type", flat=True))


def has_one(user: User) -> bool:
    return bool(kinds(user) & SUFFICIENT)


def suffices(request: HttpRequest) -> bool:
    """Say whether this session may open the staff's pages, as far as factors go.

    Having one is not enough: the session may be older than the factor.
    """
    if not is_required():
        return True
    return was_shown(request) and has_one(request.user)  # type: ignore[arg-type]


def was_shown(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def note_shown(request: HttpRequest) -> None:
    """Let the session in which a factor was set up count as one that showed it."""
    record_authentication(request, request.user, "mfa")


def forget(user: User, actor: str, reason: str) -> set[str]:
    """Remove all factors of a person who lost them; return what they were."""
    with transaction.atomic():
        removed = kinds(user)
        Authenticator.objects.filter(user_id=user.pk).delete()
    logger.warning(
        "%s removed the second factors of %s (%s): %s",
        actor,
        user.get_username(),
        ", ".join(sorted(removed)) or "none",
        reason,
    )
    return removed
