"""Mails that must not be forgotten and must not hold anything up.

``queue`` writes down that a mail is wanted, in the transaction of what it tells of. A
worker sends it once that has committed; what no worker sent, and what the mail server
did not take, the sweeper sends. At least once: whoever dies between the hand-over and
its record leads to a second one, with the same Message-ID.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from checkout.mail import messages, notices
from checkout.mail.models import MailKind, OrderMail
from checkout.status import names, progress
from orders.models import Order, Shortage
from saga.alerting import raise_notice
from saga.enqueue import deliver

logger = logging.getLogger(__name__)

BATCH = 100
# A mail that no worker sent within this time is sent by the sweeper.
SWEPT_AFTER = timedelta(seconds=5)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=10)
# Then the address is wrong, or nobody minds: staff are told, and may send it again.
GIVEN_UP_AFTER = timedelta(days=3)
# A slow mail server must not keep the sweeper from its other work for longer: seconds.
AT_MOST = 10.0
# How the error of a mail begins that says nothing against this one mail.
_AWAY = "the mail server is away: "


def queue(
    order: Order,
    kind: MailKind,
    key: str = "",
    *,
    after: timedelta = timedelta(0),
    **data: Any,
) -> None:
    """Want a mail of that kind, once per order, kind and key; a second call is nothing.

    ``data`` (what JSON can hold) is what its templates read besides the order.
    ``after``: not before so much time has passed, and then only if it is still true
    (see ``_STILL_TRUE``). Sends nothing itself and raises nothing of the mail server's.
    """
    now = timezone.now()
    row = OrderMail(
        order=order,
        kind=kind,
        key=key,
        data=data,
        due_at=now + (after or SWEPT_AFTER),
    )
    # One statement, and no error that would spoil the caller's transaction.
    OrderMail.objects.bulk_create([row], ignore_conflicts=True)
    if not after:
        transaction.on_commit(lambda: _hand_to_worker(order.pk, kind, key), robust=True)


def send(mail_pk: int) -> bool:
    """Send one wanted mail now. False: somebody else has it, or it did not go out."""
    mail = OrderMail.objects.select_related("order").get(pk=mail_pk)
    if _is_put_off(mail) or not _claim(mail):
        return False
    try:
        _hand_over(mail)
    except Exception as error:
        logger.exception("%s of %s could not be sent", mail, mail.order)
        _keep_trying(mail, error)
        return False
    return True


def want_again(mail: OrderMail) -> bool:
    """Let a mail go out at once, also one that was sent or given up before."""
    rows = OrderMail.objects.filter(pk=mail.pk, tries=mail.tries)
    return bool(
        rows.update(
            state=OrderMail.State.WANTED, due_at=timezone.now(), sent_at=None, error=""
        )
    )


def sweep_mails(now: datetime | None = None) -> int:
    """Send what is overdue; return how many mails went out."""
    now = now or timezone.now()
    enough = time.monotonic() + AT_MOST
    sent = 0
    due = OrderMail.objects.filter(state=OrderMail.State.WANTED, due_at__lte=now)
    for pk in due.order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH]:
        # Asked again: one failure may have put off all of them.
        if due.filter(pk=pk).exists():
            sent += send(pk)
        if time.monotonic() > enough:
            break
    return sent


def _is_put_off(mail: OrderMail) -> bool:
    """Leave a fresh mail for later while the server is known to be away.

    Each try would hold up a worker, which orders need, until the time-out.
    """
    if mail.tries:
        return False
    now = timezone.now()
    others = OrderMail.objects.filter(state=OrderMail.State.WANTED, due_at__gt=now)
    away = others.filter(tries__gt=0, error__startswith=_AWAY)
    until = away.order_by("due_at").values_list("due_at", flat=True).first()
    if until is None:
        return False
    fresh = OrderMail.objects.filter(pk=mail.pk, tries=0, due_at__lt=until)
    fresh.update(due_at=until)
    return True


def _claim(mail: OrderMail) -> bool:
    """Take one try; whoever dies while making it has it made again after the pause."""
    now = timezone.now()
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(mail.tries, 10))
    mail.due_at = now + pause
    rows = OrderMail.objects.filter(
        Q(tries=0) | Q(due_at__lte=now),
        pk=mail.pk,
        state=OrderMail.State.WANTED,
        tries=mail.tries,
    )
    return bool(rows.update(tries=F("tries") + 1, due_at=mail.due_at))


def _hand_over(mail: OrderMail) -> None:
    rows = OrderMail.objects.filter(pk=mail.pk)
    still_true = _STILL_TRUE.get(mail.kind)
    if still_true and not still_true(mail.order):
        rows.update(state=OrderMail.State.DROPPED, error="")
        return
    messages.send(mail)
    rows.update(state=OrderMail.State.SENT, sent_at=timezone.now(), error="")


@transaction.atomic
def _keep_trying(mail: OrderMail, error: Exception) -> None:
    now = timezone.now()
    too_old = now - mail.created_at > GIVEN_UP_AFTER
    state = OrderMail.State.GIVEN_UP if too_old else OrderMail.State.WANTED
    away = _is_an_outage(error)
    text = f"{_AWAY if away else ''}{type(error).__name__}: {error}"
    OrderMail.objects.filter(pk=mail.pk).update(state=state, error=text[:300])
    if too_old:
        raise_notice(names.CHECKOUT_NAME, notices.TOPIC, now)
    if away:
        _spare_the_others(mail)


def _spare_the_others(mail: OrderMail) -> None:
    """Put off what is due: a mail server that is away is asked once, not for each."""
    waiting = OrderMail.objects.filter(state=OrderMail.State.WANTED)
    waiting.filter(due_at__lt=mail.due_at).update(due_at=mail.due_at)


def _is_an_outage(error: Exception) -> bool:
    """Whether the server is at fault, and not this one mail or its address."""
    if isinstance(error, SMTPRecipientsRefused):
        return False
    return isinstance(error, SMTPException | OSError)


def _needs_the_customer(order: Order) -> bool:
    return progress.progress_of(order).outcome in ("needs_card", "needs_challenge")


def _needs_the_store(order: Order) -> bool:
    return progress.progress_of(order).outcome == "needs_voucher"


def _is_charged_at_shipment(order: Order) -> bool:
    return progress.progress_of(order).outcome == "accepted"


def _lacks_a_decision(order: Order) -> bool:
    return order.shortages.filter(status=Shortage.Status.OPEN).exists()


# Kinds that ask or announce something: by the time they go out it may have been done.
_STILL_TRUE: dict[str, Callable[[Order], bool]] = {
    MailKind.PAYMENT_NEEDED.value: _needs_the_customer,
    MailKind.VOUCHER.value: _needs_the_store,
    MailKind.RECEIVED.value: _is_charged_at_shipment,
    MailKind.SHORTAGE.value: _lacks_a_decision,
}


def _hand_to_worker(order_pk: int, kind: MailKind, key: str) -> None:
    rows = OrderMail.objects.filter(order=order_pk, kind=kind, key=key, tries=0)
    for pk in rows.values_list("pk", flat=True):
        task = current_app.signature("checkout.send_mail", args=(pk,))
        deliver(task, f"mail {pk}")
