"""Signs that a program filled in the contact form, without asking anybody else.

A message with such a sign is kept for staff and mails nobody. So a customer whose
browser fills in too much is not lost, and a program learns nothing from the answer.
"""

import re
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core import signing

from checkout.contact.models import Enquiry
from shop import database_clock

_SALT = "checkout.contact"
_LASTS = 24 * 3600  # seconds
# Nobody reads the form and fills in five fields within this time: seconds.
_FASTEST = 3.0
_MOST_LINKS = 2
_LINK = re.compile(r"https?://|www\.|\[url", re.IGNORECASE)

Suspicion = Enquiry.Suspicion


@dataclass(frozen=True)
class ShownForm:
    """A form as it was shown: its key, and when, in seconds since the epoch."""

    uid: UUID
    shown_at: float


def sign_form() -> str:
    """Return what a form carries to prove that it was shown, and when."""
    return signing.dumps([uuid4().hex, _now()], salt=_SALT)


def read_form(token: str) -> ShownForm | None:
    """Return what ``sign_form`` gave; None if it is forged or older than a day."""
    try:
        key, shown_at = signing.loads(token, salt=_SALT)
        form = ShownForm(UUID(key), float(shown_at))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return form if _now() - form.shown_at < _LASTS else None


def suspicion_of(form: ShownForm | None, hidden: str, text: str) -> str:
    """Return the first sign of a program; "" if there is none."""
    if hidden:
        return Suspicion.HIDDEN_FIELD.value
    if form is None:
        return Suspicion.NO_FORM.value
    if _now() - form.shown_at < _FASTEST:
        return Suspicion.FAST.value
    if len(_LINK.findall(text)) > _MOST_LINKS:
        return Suspicion.LINKS.value
    return ""


def _now() -> float:
    return database_clock.read().timestamp()
