"""The outbox of mails about accounts.

A mail is stored in the transaction of its event and removed when the mail server has
taken it, because it may contain a code. What nobody could send in time is removed, too:
the customer asks for another.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import translation

from shop.customers.models import AccountMail
from shop.database_clock import Now
from shop.profile.envelope import make_mail
from shop.profile.selectors import read_profile

logger = logging.getLogger(__name__)

# Returns what the templates of one kind read besides the mail's data; None: drop it.
# ``reply_to`` is who gets answers instead of the shop.
Reader = Callable[[dict[str, Any]], dict[str, Any] | None]

# The task that sends one mail.
SEND_TASK = "checkout.send_account_mail"
LASTS = timedelta(days=3)
SWEPT_AFTER = timedelta(seconds=5)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=10)
BATCH = 100
# A slow mail server may keep the sweeper from other work for this long: seconds.
AT_MOST = 10.0

_readers: dict[str, Reader] = {}
_senders: list[Callable[[int], None]] = []


def register_reader(kind: str, reader: Reader) -> None:
    _readers[kind] = reader


def register_sender(sender: Callable[[int], None]) -> None:
    """Register what has a worker send a stored mail at once. Twice is once."""
    _senders[:] = [sender]


def queue(
    to: str, kind: str, language: str, *, lasts: timedelta = LASTS, **data: Any
) -> None:
    """Store a mail. It is sent after the commit, or by the sweeper."""
    mail = AccountMail.objects.create(
        to=to,
        kind=kind,
        language=language,
        data=data,
        expires_at=Now(lasts),
        due_at=Now(SWEPT_AFTER),
    )
    for sender in _senders:
        transaction.on_commit(partial(sender, mail.pk), robust=True)


def send(pk: int) -> bool:
    """Send a stored mail and remove it. Return False if it is claimed or failed."""
    mail = AccountMail.objects.filter(pk=pk, expires_at__gt=Now()).first()
    if mail is None or not _claim(mail):
        return False
    try:
        _deliver(mail)
    except Exception:
        # It stays, and is due again after the pause of its claim.
        logger.exception("%s could not be sent", mail)
        return False
    AccountMail.objects.filter(pk=pk).delete()
    return True


def sweep() -> int:
    """Send mails that are due, and remove those that are over. Return how many left."""
    lost = AccountMail.objects.filter(expires_at__lte=Now())
    for mail in lost:
        logger.error("%s was not sent in time", mail)
    lost.delete()
    enough = time.monotonic() + AT_MOST
    sent = 0
    due = AccountMail.objects.filter(due_at__lte=Now()).order_by("due_at", "pk")
    for pk in due.values_list("pk", flat=True)[:BATCH]:
        sent += send(pk)
        if time.monotonic() > enough:
            break
    return sent


def _claim(mail: AccountMail) -> bool:
    """Claim one try. If the process dies, the next follows after the pause."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(mail.tries, 10))
    rows = AccountMail.objects.filter(
        Q(tries=0) | Q(due_at__lte=Now()), pk=mail.pk, tries=mail.tries
    )
    return bool(rows.update(tries=F("tries") + 1, due_at=Now(pause)))


def _deliver(mail: AccountMail) -> None:
    reader = _readers.get(mail.kind)
    read = reader(mail.data | {"to": mail.to}) if reader else {}
    if read is None:
        return
    reply_to = read.pop("reply_to", "")
    profile = read_profile()
    with translation.override(mail.language):
        context = {
            "language": mail.language,
            "site_url": settings.SITE_URL,
            "shop": profile,
            "shop_name": profile.shop_name,
            **mail.data,
            **read,
        }
        subject = render_to_string(f"customers/mail/{mail.kind}_subject.txt", context)
        text = render_to_string(f"customers/mail/{mail.kind}.txt", context)
        html = render_to_string(f"customers/mail/{mail.kind}.html", context)
        message_id = f"account.{mail.pk}.{mail.created_at:%Y%m%d%H%M%S}"
        message = make_mail(profile, mail.to, subject, text, message_id)
    if reply_to:
        message.reply_to = [reply_to]
    message.attach_alternative(html, "text/html")
    message.send()
