"""Keep what customers write, and the answers of staff."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from checkout.contact import mails
from checkout.contact.errors import EnquiryMoved
from checkout.contact.models import Enquiry, EnquiryAnswer
from shop.database_clock import Now

State = Enquiry.State

SPAM_KEPT = timedelta(days=30)
_BATCH = 1000


@transaction.atomic
def send(columns: dict[str, Any], language: str, *, is_proven: bool) -> Enquiry:
    """Keep a message and store its mails. Twice is once, by its ``uid``.

    ``is_proven``: the customer is signed in with this mail address.
    """
    values = columns | {"language": language, "is_proven": is_proven}
    uid = values.pop("uid", None) or uuid4()
    kept, is_new = Enquiry.objects.get_or_create(uid=uid, defaults=values)
    if is_new and not kept.suspicion:
        mails.tell(kept)
    return kept


@transaction.atomic
def answer(enquiry: Enquiry, text: str, actor: str) -> EnquiryAnswer:
    """Mail the customer this answer. Raises EnquiryMoved if it is answered by now."""
    _move(enquiry, actor)
    made = EnquiryAnswer.objects.create(enquiry=enquiry, text=text, sent_by=actor)
    mails.send_answer(made)
    return made


def close(enquiry: Enquiry, actor: str) -> None:
    """Mark as answered, without a mail. Raises EnquiryMoved if it is by now."""
    _move(enquiry, actor)


def reopen(enquiry: Enquiry) -> None:
    """Wait for a further answer. Raises EnquiryMoved if it is open by now."""
    rows = Enquiry.objects.filter(pk=enquiry.pk, state=State.ANSWERED)
    if not rows.update(state=State.OPEN, answered_at=None, answered_by=""):
        raise EnquiryMoved(enquiry.pk)


@transaction.atomic
def clear(enquiry: Enquiry) -> None:
    """Take a message for none of a program, and mail it. Twice is once."""
    rows = Enquiry.objects.filter(pk=enquiry.pk).exclude(suspicion="")
    if rows.update(suspicion=""):
        mails.tell(Enquiry.objects.get(pk=enquiry.pk))


def forget_address(email: str) -> int:
    """Remove what this address wrote, with the answers. Return how many messages."""
    rows = Enquiry.objects.filter(email=email.lower())
    return rows.delete()[1].get("checkout.Enquiry", 0)


def forget(now: datetime) -> int:
    """Remove a bounded number of old messages. Return how many.

    Those that were answered are kept for ENQUIRY_DAYS; open ones stay, unless they were
    taken for spam.
    """
    old = Q(created_at__lt=now - SPAM_KEPT) & ~Q(suspicion="")
    if settings.ENQUIRY_DAYS:
        before = now - timedelta(days=settings.ENQUIRY_DAYS)
        old |= Q(answered_at__lt=before)
    rows = Enquiry.objects.filter(old).order_by("pk")
    pks = list(rows.values_list("pk", flat=True)[:_BATCH])
    # Filtered again: somebody may have opened one since.
    gone = Enquiry.objects.filter(old, pk__in=pks).delete()
    return gone[1].get("checkout.Enquiry", 0)


def _move(enquiry: Enquiry, actor: str) -> None:
    rows = Enquiry.objects.filter(pk=enquiry.pk, state=State.OPEN)
    changed = rows.update(
        state=State.ANSWERED, answered_at=Now(), answered_by=actor, suspicion=""
    )
    if not changed:
        raise EnquiryMoved(enquiry.pk)
