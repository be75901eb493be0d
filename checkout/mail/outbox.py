"""The outbox of mails to customers: none is lost, and none delays an order.

``queue`` stores a mail in the transaction of the event it reports. A worker sends it
after the commit. The sweeper sends mails that no worker sent or the mail server did not
take. Delivery is at least once: a process that dies between sending and recording it
causes a second mail with the same Message-ID.
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

from checkout.mail import messages, notices
from checkout.mail.models import MailKind, OrderMail
from checkout.status import names, progress
from orders.models import Exchange, Order, Shipment, Shortage
from saga.alerting import raise_notice
from saga.enqueue import deliver
from shop import database_clock
from shop.database_clock import Now
from shop.logs.context import bound
from shop.text.stored import storable
from shop.traces.spans import Kind, span

logger = logging.getLogger(__name__)

# The task that sends one mail.
SEND_TASK = "checkout.send_mail"
BATCH = 100
# A mail that no worker sent within this time is sent by the sweeper.
SWEPT_AFTER = timedelta(seconds=5)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=10)
# After this time staff are alerted; they can send the mail again.
GIVEN_UP_AFTER = timedelta(days=3)
# A slow mail server may keep the sweeper from other work for this long: seconds.
AT_MOST = 10.0
# The start of an error that does not concern the one mail.
_AWAY = "the mail server is away: "


def queue(
    order: Order,
    kind: MailKind,
    key: str = "",
    *,
    after: timedelta = timedelta(0),
    **data: Any,
) -> None:
    """Store a mail to be sent, once for an order, kind and key. Twice is once.

    ``data`` (JSON) is what its templates read besides the order. With ``after`` it is
    sent when that time has passed, if its kind is still true (see ``_STILL_TRUE``).
    Nothing is sent here, and no error of the mail server is raised.
    """
    row = OrderMail(
        order=order,
        kind=kind,
        key=key,
        data=data,
        due_at=Now(after or SWEPT_AFTER),
    )
    # One statement, and no error that would spoil the caller's transaction.
    OrderMail.objects.bulk_create([row], ignore_conflicts=True)
    if not after:
        transaction.on_commit(lambda: _send_to_worker(order.pk, kind, key), robust=True)


def send(mail_pk: int) -> bool:
    """Send a stored mail now. Return False if it is claimed, postponed or failed."""
    mail = OrderMail.objects.select_related("order").get(pk=mail_pk)
    if _postpone_if_away(mail) or not _claim(mail):
        return False
    with bound(reference=mail.order.number):
        try:
            _deliver(mail)
        except Exception as error:
            logger.exception("%s of %s could not be sent", mail, mail.order)
            _record_failure(mail, error)
            return False
    return True


def send_again(mail: OrderMail) -> bool:
    """Make a mail due now, even if it was sent or given up. Return whether it was."""
    rows = OrderMail.objects.filter(pk=mail.pk, tries=mail.tries)
    return bool(
        rows.update(state=OrderMail.State.WANTED, due_at=Now(), sent_at=None, error="")
    )


def sweep_mails(now: datetime | None = None) -> int:
    """Send mails that are due. Return how many were sent."""
    now = now or database_clock.read()
    enough = time.monotonic() + AT_MOST
    sent = 0
    due = OrderMail.objects.filter(state=OrderMail.State.WANTED, due_at__lte=now)
    for pk in due.order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH]:
        # Checked again: one failure may have postponed all of them.
        if due.filter(pk=pk).exists():
            sent += send(pk)
        if time.monotonic() > enough:
            break
    return sent


def _postpone_if_away(mail: OrderMail) -> bool:
    """Postpone a new mail while the server is known to be away. Return whether it was.

    Each try would occupy a worker, which orders need, until the time-out.
    """
    if mail.tries:
        return False
    others = OrderMail.objects.filter(state=OrderMail.State.WANTED, due_at__gt=Now())
    away = others.filter(tries__gt=0, error__startswith=_AWAY)
    until = away.order_by("due_at").values_list("due_at", flat=True).first()
    if until is None:
        return False
    fresh = OrderMail.objects.filter(pk=mail.pk, tries=0, due_at__lt=until)
    fresh.update(due_at=until)
    return True


def _claim(mail: OrderMail) -> bool:
    """Claim one try. If the process dies, the next try follows after the pause."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(mail.tries, 10))
    rows = OrderMail.objects.filter(
        Q(tries=0) | Q(due_at__lte=Now()),
        pk=mail.pk,
        state=OrderMail.State.WANTED,
        tries=mail.tries,
    )
    return bool(rows.update(tries=F("tries") + 1, due_at=Now(pause)))


def _deliver(mail: OrderMail) -> None:
    rows = OrderMail.objects.filter(pk=mail.pk)
    still_true = _STILL_TRUE.get(mail.kind)
    if still_true and not still_true(mail.order):
        rows.update(state=OrderMail.State.DROPPED, error="")
        return
    with span("mail", Kind.CALL):
        messages.send(mail)
    logger.info("%s of %s is sent", mail, mail.order)
    rows.update(state=OrderMail.State.SENT, sent_at=Now(), error="")


@transaction.atomic
def _record_failure(mail: OrderMail, error: Exception) -> None:
    now = database_clock.read()
    too_old = now - mail.created_at > GIVEN_UP_AFTER
    state = OrderMail.State.GIVEN_UP if too_old else OrderMail.State.WANTED
    away = _is_an_outage(error)
    text = f"{_AWAY if away else ''}{type(error).__name__}: {error}"
    OrderMail.objects.filter(pk=mail.pk).update(state=state, error=storable(text, 300))
    if too_old:
        raise_notice(names.CHECKOUT_NAME, notices.TOPIC, now)
    if away:
        _postpone_others(mail)


def _postpone_others(mail: OrderMail) -> None:
    """Postpone all due mails: a server that is away is tried once, not for each."""
    mail.refresh_from_db(fields=["due_at"])
    waiting = OrderMail.objects.filter(state=OrderMail.State.WANTED)
    waiting.filter(due_at__lt=mail.due_at).update(due_at=mail.due_at)


def _is_an_outage(error: Exception) -> bool:
    """Return whether the server is at fault, not this mail or its address."""
    if isinstance(error, SMTPRecipientsRefused):
        return False
    return isinstance(error, SMTPException | OSError)


def _needs_the_customer(order: Order) -> bool:
    asked = ("needs_card", "needs_challenge", "needs_page")
    return progress.progress_of(order).outcome in asked


def _needs_the_store(order: Order) -> bool:
    return progress.progress_of(order).outcome == "needs_voucher"


def _is_charged_at_shipment(order: Order) -> bool:
    return progress.progress_of(order).outcome == "accepted"


def _needs_a_decision(order: Order) -> bool:
    return order.shortages.filter(status=Shortage.Status.OPEN).exists()


def _lies_ready(order: Order) -> bool:
    return Shipment.objects.filter(order=order, pickup_ready_at__isnull=False).exists()


def _is_sent_again(order: Order) -> bool:
    return Exchange.objects.standing().filter(returned__order=order).exists()


def _exchange_lies_ready(order: Order) -> bool:
    rows = Exchange.objects.filter(returned__order=order)
    return rows.filter(pickup_ready_at__isnull=False).exists()


def _lies_somewhere(order: Order) -> bool:
    return _lies_ready(order) or _exchange_lies_ready(order)


# What must still be true of an order when a mail of this kind is sent.
_STILL_TRUE: dict[str, Callable[[Order], bool]] = {
    MailKind.PAYMENT_NEEDED.value: _needs_the_customer,
    MailKind.VOUCHER.value: _needs_the_store,
    MailKind.RECEIVED.value: _is_charged_at_shipment,
    MailKind.SHORTAGE.value: _needs_a_decision,
    MailKind.PICKUP_READY.value: _lies_ready,
    MailKind.PICKUP_REMINDER.value: _lies_somewhere,
    MailKind.RETURN_EXCHANGED.value: _is_sent_again,
    MailKind.RETURN_READY.value: _exchange_lies_ready,
}


def _send_to_worker(order_pk: int, kind: MailKind, key: str) -> None:
    rows = OrderMail.objects.filter(order=order_pk, kind=kind, key=key, tries=0)
    for pk in rows.values_list("pk", flat=True):
        task = current_app.signature(SEND_TASK, args=(pk,))
        deliver(task, f"mail {pk}")
