"""Make, recognise and revoke tokens of the API."""

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User

from backoffice.tokens.errors import (
    OwnerInactive,
    TokenExpired,
    TokenRevoked,
    TokenUnknown,
)
from backoffice.tokens.models import ApiToken
from backoffice.tokens.scopes import PERMISSIONS, Scope
from shop.database_clock import Now

# So that scanners of repositories and logs recognise one that leaked.
PREFIX = "todoku_staff_"
_BYTES = 32
_SHOWN = 4
LONGEST = 200  # what is longer is no token, and is not hashed


def grantable(owner: User) -> list[Scope]:
    """Return the scopes that let anything through that the owner may do."""
    return [
        scope
        for scope in Scope
        if any(owner.has_perm(permission) for permission in PERMISSIONS[scope])
    ]


@dataclass(frozen=True)
class Wanted:
    """A token to be made. ``key`` names the form, so that one sent twice is one."""

    key: uuid.UUID
    name: str
    owner: User
    scopes: Iterable[Scope]
    lifetime: timedelta


def make(wanted: Wanted, maker: str) -> tuple[ApiToken, str | None]:
    """Store a token and return it with its text, which is not kept anywhere.

    The text is None if the form was sent before: then it was shown.
    """
    text = PREFIX + secrets.token_urlsafe(_BYTES)
    token, is_new = ApiToken.objects.get_or_create(
        key=wanted.key,
        defaults={
            "name": wanted.name,
            "owner": wanted.owner,
            "digest": _digest(text),
            "ending": text[-_SHOWN:],
            "scopes": " ".join(sorted(set(wanted.scopes))),
            "made_by": maker,
            "expires_at": Now(wanted.lifetime),
        },
    )
    return token, text if is_new else None


def revoke(token: ApiToken, actor: str) -> bool:
    """End a token: its next request is refused. Return False if it was before."""
    rows = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    return bool(rows.update(revoked_at=Now(), revoked_by=actor))


def recognise(text: str) -> ApiToken:
    """Return the token with its owner, and note that it is used.

    Raises TokenRefused. One statement; a second one at most once a minute.
    """
    if not text.startswith(PREFIX) or len(text) > LONGEST:
        raise TokenUnknown
    rows = ApiToken.objects.filter(digest=_digest(text))
    token = rows.with_expiry().select_related("owner").first()
    if token is None:
        raise TokenUnknown
    if token.revoked_at is not None:
        raise TokenRevoked
    if token.is_expired:
        raise TokenExpired
    if not (token.owner.is_active and token.owner.is_staff):
        raise OwnerInactive
    if token.is_use_to_note:
        rows.unused().update(last_used_at=Now())
    return token


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
