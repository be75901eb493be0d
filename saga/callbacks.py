"""Tokens of questions to the outside; the answers come as callbacks."""

import hashlib
import secrets
from datetime import datetime

from saga.models import Callback


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def ask(saga_id: int, step: str, fence: int, deadline: datetime) -> str:
    """Store a question of a step. Return the token with which it can be answered."""
    token = secrets.token_urlsafe(32)
    Callback.objects.create(
        saga_id=saga_id,
        step=step,
        fence=fence,
        digest=digest(token),
        deadline=deadline,
    )
    return token
