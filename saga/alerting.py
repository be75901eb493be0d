"""Alert staff. An alert is stored in the database, not only sent as a message.

It stays there until every channel has delivered it: first as a saga that wants an
alert, then as an alert with deliveries to make. Failures of the same cause are
gathered, so that an outage is one message and a summary instead of one message per
saga. The definition's ``channels`` write the texts.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from saga.definition import any_definition
from saga.error_signature import error_signature
from saga.messages import Channels, Message
from saga.models import Alert, AlertDelivery, Saga, SagaQuerySet
from shop import database_clock

logger = logging.getLogger(__name__)

BATCH = 200
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)


# At most so many sagas are named in a message; its link leads to all of them.
NAMED_AT_MOST = 10


def alert_staff(now: datetime) -> int:
    """Gather sagas that want an alert, and deliver what is due.

    Returns how many messages every channel has delivered now. Several sweepers may do
    this at once: each delivery is claimed before it is made.
    """
    for alert in Alert.objects.filter(closed_at=None, ends_at__lte=now)[:BATCH]:
        _close(alert, now)
    for saga in Saga.objects.unnoted(now).order_by("alert_wanted_at", "pk")[:BATCH]:
        _note(saga, now)
    return _deliver(now)


@transaction.atomic
def raise_outage(saga: Saga, dependency: str, now: datetime) -> None:
    """Alert staff once that ``dependency`` does not answer; ``saga`` has noticed it."""
    _open(Alert.Kind.OUTAGE, f"outage of {dependency}", saga, now)


@transaction.atomic
def raise_notice(definition: str, topic: str, now: datetime) -> None:
    """Alert staff to something that concerns no saga. The channels know the ``topic``.

    Once per topic and window. Part of the caller's transaction, so that the notice is
    stored together with what it is about.
    """
    try:
        with transaction.atomic():
            alert = Alert.objects.create(
                kind=Alert.Kind.NOTICE,
                definition=definition,
                topic=topic,
                opened_at=now,
                ends_at=now + timedelta(seconds=settings.ALERT_WINDOW),
            )
            _want(alert, now, summary=False)
    except IntegrityError:
        logger.info("%s: staff are alerted already", topic)


def _note(saga: Saga, now: datetime) -> None:
    """Make the saga part of an alert, unless another sweeper did."""
    with transaction.atomic():
        alert = _alert_for(saga, now)
        mine = Saga.objects.unnoted(now).filter(
            pk=saga.pk, alert_wanted_at=saga.alert_wanted_at
        )
        if not mine.update(alert=alert, alert_noted_at=F("alert_wanted_at")):
            # Without its saga, a window opened just now would say nothing.
            transaction.set_rollback(True)


def _alert_for(saga: Saga, now: datetime) -> Alert:
    signature = error_signature(saga.error_class, saga.error)
    topic = f"{saga.definition} {saga.step} {signature}"[:200]
    alert = Alert.objects.filter(topic=topic, closed_at=None).first()
    if alert is not None and alert.first_id == saga.pk:
        # It was resumed and stopped again: staff want to know that at once.
        _close(alert, now)
        alert = None
    return alert or _open(Alert.Kind.STOPPED, topic, saga, now)


def _open(kind: Alert.Kind, topic: str, saga: Saga, now: datetime) -> Alert:
    """Open a window, whose first message is due now; or return the one open already."""
    try:
        with transaction.atomic():
            alert = Alert.objects.create(
                kind=kind,
                definition=saga.definition,
                topic=topic,
                step=saga.step,
                first=saga,
                opened_at=now,
                ends_at=now + timedelta(seconds=settings.ALERT_WINDOW),
            )
            _want(alert, now, summary=False)
    except IntegrityError:
        return Alert.objects.get(topic=topic, closed_at=None)
    return alert


@transaction.atomic
def _close(alert: Alert, now: datetime) -> None:
    rows = Alert.objects.filter(pk=alert.pk, closed_at=None)
    if rows.update(closed_at=now) and _covered(alert, summary=True).exists():
        _want(alert, now, summary=True)


def _want(alert: Alert, now: datetime, *, summary: bool) -> None:
    AlertDelivery.objects.bulk_create(
        AlertDelivery(alert=alert, summary=summary, channel=name, next_try_at=now)
        for name in _channels(alert)
    )


def _covered(alert: Alert, *, summary: bool) -> SagaQuerySet:
    """Return the sagas that a message is about and that still want a person."""
    rows = Saga.objects.filter(alert=alert, alert_noted_at=F("alert_wanted_at"))
    first = alert.first_id or 0
    return rows.exclude(pk=first) if summary else rows.filter(pk=first)


def _deliver(now: datetime) -> int:
    due = AlertDelivery.objects.filter(delivered_at=None, next_try_at__lte=now)
    silent: set[str] = set()
    delivered = 0
    for delivery in due.select_related("alert__first").order_by("next_try_at", "pk")[
        :BATCH
    ]:
        if delivery.channel in silent or not _claim(delivery, now):
            continue
        try:
            delivered += _deliver_one(delivery)
        except Exception as error:
            logger.exception("%s could not be delivered", delivery)
            silent.add(delivery.channel)
            _postpone(delivery, error)
    return delivered


def _claim(delivery: AlertDelivery, now: datetime) -> bool:
    """Take one try. If its process dies, it is made again after the pause."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(delivery.tries, 10))
    rows = AlertDelivery.objects.filter(pk=delivery.pk, tries=delivery.tries)
    delivery.next_try_at = now + pause
    claimed = rows.filter(delivered_at=None).update(
        tries=F("tries") + 1, next_try_at=delivery.next_try_at
    )
    return bool(claimed)


def _deliver_one(delivery: AlertDelivery) -> bool:
    """Deliver, unless it is obsolete. Return whether all channels have delivered it."""
    begun = database_clock.read()
    alert, summary = delivery.alert, delivery.summary
    message = _message(alert, summary=summary)
    channel = _channels(alert).get(delivery.channel)
    if message and channel:
        channel(message)
    AlertDelivery.objects.filter(pk=delivery.pk).update(delivered_at=begun, error="")
    left = AlertDelivery.objects.filter(alert=alert, summary=summary, delivered_at=None)
    if left.exists():
        return False
    _covered(alert, summary=summary).update(alerted_at=begun)
    return message is not None


def _message(alert: Alert, *, summary: bool) -> Message | None:
    if alert.kind != Alert.Kind.STOPPED:
        known = (alert.first,) if alert.first else ()
        return Message(alert, known, len(known), summary)
    rows = _covered(alert, summary=summary)
    sagas = tuple(rows.order_by("alert_wanted_at", "pk")[:NAMED_AT_MOST])
    return Message(alert, sagas, rows.count(), summary) if sagas else None


def _postpone(delivery: AlertDelivery, error: Exception) -> None:
    """Postpone all other messages of a channel that is down, too."""
    AlertDelivery.objects.filter(pk=delivery.pk).update(error=repr(error)[:300])
    waiting = AlertDelivery.objects.filter(channel=delivery.channel, delivered_at=None)
    waiting.filter(next_try_at__lt=delivery.next_try_at).update(
        next_try_at=delivery.next_try_at
    )


def _channels(alert: Alert) -> Channels:
    return any_definition(alert.definition).channels()
