"""Store the provider's webhooks, and have the objects that they name read again.

A webhook is a reason to read, never the truth: the saga's step reads the intent itself,
and refunds and disputes are polled. So events may come early, twice, in any order or
never.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone

from checkout.aftersales.disputes import services as disputes
from checkout.aftersales.refunds import services as refunds
from checkout.flow.definition import CHECKOUT
from checkout.payments.gateway import ProviderNotice, get_gateway
from checkout.webhooks.models import ProviderEvent
from orders.models import Payment
from saga import operations
from saga.enqueue import deliver

# The task that applies one event.
APPLY_TASK = "checkout.apply_event"
BATCH = 200
# An event that no worker applied within this time is applied by the sweeper.
SWEPT_AFTER = timedelta(seconds=5)
# https://docs.stripe.com/api/events/types
_OF_REFUNDS = ("refund.", "charge.refund")
_OF_DISPUTES = ("charge.dispute.",)


def store(notice: ProviderNotice) -> bool:
    """Store a verified webhook for later work. Return False if it was stored before."""
    try:
        with transaction.atomic():
            event = ProviderEvent.objects.create(
                event_id=notice.id,
                type=notice.type,
                intent_id=notice.intent_id,
                object_id=notice.object_id,
            )
            transaction.on_commit(lambda: _send(event.pk), robust=True)
    except IntegrityError:
        return False
    return True


@transaction.atomic
def apply_event(event_pk: int) -> bool:
    """Wake the saga, refunds or dispute that the event is about, once.

    Return False if it was applied before. An unknown intent wakes nothing; a dispute is
    stored even if its payment is unknown here.
    """
    rows = ProviderEvent.objects.filter(pk=event_pk, applied_at=None)
    if not rows.update(applied_at=timezone.now()):
        return False
    event = ProviderEvent.objects.get(pk=event_pk)
    if event.type.startswith(_OF_DISPUTES):
        disputes.report(event.object_id)
    payment = (
        Payment.objects.select_related("order")
        .filter(intent_id=event.intent_id)
        .first()
        if event.intent_id
        else None
    )
    if payment is not None:
        if event.type.startswith(_OF_REFUNDS):
            refunds.poll_again(payment)
        operations.wake(CHECKOUT, payment.order.number)
    return True


def sweep_events(now: datetime | None = None) -> int:
    """Apply events that no worker applied. Return how many those were."""
    before = (now or timezone.now()) - SWEPT_AFTER
    todo = ProviderEvent.objects.filter(applied_at=None, received_at__lte=before)
    pks = list(todo.order_by("received_at").values_list("pk", flat=True)[:BATCH])
    return sum(apply_event(pk) for pk in pks)


@dataclass
class Replay:
    """Counts of a replay: events read, missed, waiting and applied."""

    seen: int = 0
    missed: int = 0
    waiting: int = 0
    applied: int = 0


def replay(
    since: datetime,
    *,
    dry_run: bool,
    on_progress: Callable[[int], None] = lambda _seen: None,
) -> Replay:
    """Read every event since then at the provider; apply those not applied yet.

    ``missed`` events never came in; ``waiting`` ones came in and were not applied.
    Twice is once. Raises PaymentError when the provider does not answer; events applied
    until then stay applied.
    """
    done = Replay()
    for notice in get_gateway().notices_since(since):
        done.seen += 1
        on_progress(done.seen)
        known = ProviderEvent.objects.filter(event_id=notice.id).first()
        if known and known.applied_at:
            continue
        done.missed += known is None
        done.waiting += known is not None
        if not dry_run:
            store(notice)
            event = known or ProviderEvent.objects.get(event_id=notice.id)
            done.applied += apply_event(event.pk)
    return done


def _send(event_pk: int) -> None:
    task = current_app.signature(APPLY_TASK, args=(event_pk,))
    deliver(task, f"event {event_pk}")
