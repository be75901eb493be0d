"""The first second factor: a password is not enough, an administrator's code is asked.

Otherwise whoever has the password of a person without a factor could set up their own.
"""

import hashlib
import logging
import secrets
from datetime import timedelta

from django.contrib.auth.models import User
from django.http import HttpRequest

from shop.database_clock import Now
from shop.staff.models import EnrolmentCode
from shop.staff.second_factor import has_one, is_required, was_shown

logger = logging.getLogger(__name__)

LASTS = timedelta(hours=72)
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without 0, 1, I and O
GROUPS, LETTERS = 4, 4
ACCEPTED = "staff_enrolment_accepted"  # in the session


def give_code(user: User, actor: str) -> str:
    """Return a new code for this user. It replaces an earlier one and works once."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(GROUPS * LETTERS))
    EnrolmentCode.objects.update_or_create(
        user=user,
        defaults={"digest": _digest(letters), "expires_at": Now(LASTS)},
    )
    logger.warning("%s gave user %d a code for the second factor", actor, user.pk)
    starts = range(0, len(letters), LETTERS)
    return "-".join(letters[start : start + LETTERS] for start in starts)


def accept_code(request: HttpRequest, user: User, code: str) -> bool:
    """Use up a code. Return whether it was this user's; then this session may enrol."""
    letters = "".join(code.split()).replace("-", "").upper()
    used, _rows = EnrolmentCode.objects.filter(
        user=user, digest=_digest(letters), expires_at__gt=Now()
    ).delete()
    if used:
        request.session[ACCEPTED] = user.pk
    return bool(used)


def may_enrol(request: HttpRequest, user: User) -> bool:
    """Return whether this session may set up a factor."""
    if not is_required() or was_shown(request):
        return True
    return not has_one(user) and request.session.get(ACCEPTED) == user.pk


def _digest(letters: str) -> str:
    # Without salt: a code is random, and longer than anybody can try.
    return hashlib.sha256(letters.encode()).hexdigest()
