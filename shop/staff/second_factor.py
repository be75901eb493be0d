"""Second factors: required or not, set up or not, shown in this session or not."""

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

# Recovery codes replace one of these, and do not count alone.
SUFFICIENT = frozenset({Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN})


def is_required() -> bool:
    required: bool = settings.STAFF_SECOND_FACTOR == "required"
    return required


def kinds(user: User) -> set[str]:
    """Return the factors of a user: ``totp``, ``webauthn``, ``recovery_codes``."""
    held = Authenticator.objects.filter(user_id=user.pk)
    return set(held.values_list("type", flat=True))


def has_one(user: User) -> bool:
    return bool(kinds(user) & SUFFICIENT)


def suffices(request: HttpRequest) -> bool:
    """Return whether this session meets the rule for second factors.

    Having a factor is not enough: the session may be older than the factor.
    """
    if not is_required():
        return True
    return was_shown(request) and has_one(request.user)  # type: ignore[arg-type]


def was_shown(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def note_shown(request: HttpRequest) -> None:
    """Record that this session, which set up a factor, has shown it."""
    record_authentication(request, request.user, "mfa")


def forget(user: User, actor: str, reason: str) -> set[str]:
    """Remove all factors of a user who lost them. Return the removed factors."""
    with transaction.atomic():
        removed = kinds(user)
        Authenticator.objects.filter(user_id=user.pk).delete()
    logger.warning(
        "%s removed the second factors of user %d (%s): %s",
        actor,
        user.pk,
        ", ".join(sorted(removed)) or "none",
        reason,
    )
    return removed
