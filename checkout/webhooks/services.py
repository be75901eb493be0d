"""Store the provider's webhooks, and have the objects that they name read again.

A webhook is a reason to read, never the truth: the saga's step reads the intent itself,
and refunds and disputes are polled. So events may come early, twice, in any order or
never.
"""

import logging
from datetime import datetime, timedelta

from celery import current_app
from django.db import IntegrityError, transaction

from checkout.aftersales import payment_sync
from checkout.aftersales.disputes import services as disputes
from checkout.aftersales.refunds import services as refunds
from checkout.flow.definition import CHECKOUT
from checkout.payments.gateway import ProviderNotice
from checkout.webhooks import failures, problems
from checkout.webhooks.models import ProviderEvent
from orders.models import Payment
from saga import operations
from saga.enqueue import deliver
from shop import database_clock
from shop.database_clock import Now

logger = logging.getLogger(__name__)

# The task that applies one event.
APPLY_TASK = "checkout.apply_event"
BATCH = 200
# An event that no worker applied within this time is applied by the sweeper.
SWEPT_AFTER = timedelta(seconds=5)
# https://docs.stripe.com/api/events/types
_OF_REFUNDS = ("refund.", "charge.refund")
_OF_DISPUTES = ("charge.dispute.",)
_OF_PAGES = "checkout.session."


def store(notice: ProviderNotice) -> bool:
    """Store a verified webhook for later work. Return False if it was stored before.

    One that must not be applied is set aside with the reason.
    """
    reason = failures.reason_to_set_aside(notice)
    detail = failures.detail_of(notice, reason)
    try:
        with transaction.atomic():
            event = ProviderEvent.objects.create(
                event_id=notice.id,
                type=notice.type,
                intent_id=notice.intent_id,
                object_id=notice.object_id,
                set_aside=reason,
                error=detail,
            )
            if not reason:
                transaction.on_commit(lambda: _send(event.pk), robust=True)
    except IntegrityError:
        if not ProviderEvent.objects.filter(event_id=notice.id).exists():
            raise
        return False
    if reason:
        problems.count(reason, f"{notice.id} {notice.type} {detail}".strip())
    return True


@transaction.atomic
def apply_event(event_pk: int) -> bool:
    """Wake the saga, payment, refunds or dispute that the event is about, once.

    Return False if it was applied before. An unknown intent wakes nothing; a dispute is
    stored even if its payment is unknown here.
    """
    rows = ProviderEvent.objects.waiting().filter(pk=event_pk)
    if not rows.update(applied_at=Now(), error=""):
        return False
    event = ProviderEvent.objects.get(pk=event_pk)
    if event.type.startswith(_OF_DISPUTES):
        disputes.report(event.object_id)
    payment = _payment_of(event)
    if payment is not None:
        if event.type.startswith(_OF_REFUNDS):
            refunds.poll_again(payment)
        operations.wake(CHECKOUT, payment.order.number)
        payment_sync.hear(payment, event.type, event.object_id)
    return True


def _payment_of(event: ProviderEvent) -> Payment | None:
    """Return the payment that the event is about: by its page, or by its intent."""
    rows = Payment.objects.select_related("order")
    if event.type.startswith(_OF_PAGES):
        return rows.filter(page__session_id=event.object_id).first()
    return rows.filter(intent_id=event.intent_id).first() if event.intent_id else None


def try_event(event_pk: int) -> bool:
    """Apply the event. Return False if that failed, or if it was applied before.

    A failure is recorded, so that the other events go on. Raises only if the database
    itself is away.
    """
    try:
        return apply_event(event_pk)
    except failures.AWAY:
        raise
    except Exception as error:
        logger.exception("event %s could not be applied", event_pk)
        failures.record(event_pk, error)
        return False


def sweep_events(now: datetime | None = None) -> int:
    """Apply events that no worker applied. Return how many those were."""
    now = now or database_clock.read()
    todo = ProviderEvent.objects.due(now).filter(received_at__lte=now - SWEPT_AFTER)
    pks = list(todo.order_by("received_at").values_list("pk", flat=True)[:BATCH])
    return sum(try_event(pk) for pk in pks)


def _send(event_pk: int) -> None:
    task = current_app.signature(APPLY_TASK, args=(event_pk,))
    deliver(task, f"event {event_pk}")
