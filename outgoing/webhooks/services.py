"""What staff do with endpoints: add, switch off and on, test, send again, remove."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from events.models import Delivery
from events.replay import Period, deliver_missing, missing
from outgoing.webhooks import health, secrets
from outgoing.webhooks.consumers import MOST_ACTIVE, consumer_of
from outgoing.webhooks.models import Attempt, Endpoint
from outgoing.webhooks.sending import send, test_message
from shop.database_clock import Now

# Somebody waits for the answer before a page.
TEST_SECONDS = 5.0
BATCH, BATCHES = 1_000, 10
# An event is noted for endpoints when it is routed. What had happened, and was not yet
# routed when the endpoint was switched off, is among what it has missed.
_ROUTED_WITHIN = timedelta(minutes=10)


class TooMany(Exception):
    """There are as many active endpoints as there may be."""

    def __init__(self) -> None:
        super().__init__(f"there are {MOST_ACTIVE} active endpoints already")


@transaction.atomic
def add(endpoint: Endpoint, actor: str) -> None:
    """Store a new endpoint with its first secret. Raises TooMany."""
    _check_room()
    endpoint.save()
    secrets.make(endpoint, actor)


def send_test(endpoint: Endpoint) -> Attempt:
    """Send a message that is no event. A success ends a pause; a failure is no fault.

    Raises CannotBeRead.
    """
    attempt = send(endpoint, test_message(endpoint), TEST_SECONDS)
    health.note(endpoint, attempt)
    return attempt


def switch_off(endpoint: Endpoint) -> bool:
    """Send nothing more, and note no more events for it. Return whether it was on."""
    rows = Endpoint.objects.active().filter(pk=endpoint.pk)
    return bool(
        rows.update(
            state=Endpoint.State.STOPPED, ended_at=Now(), paused_until=None, failures=0
        )
    )


@transaction.atomic
def switch_on(endpoint: Endpoint) -> bool:
    """Send again: what waited, and what happens from now on. Return whether it was off.

    What happened meanwhile is sent by ``catch_up``. Raises TooMany.
    """
    rows = Endpoint.objects.exclude(state=Endpoint.State.ACTIVE).filter(pk=endpoint.pk)
    if not rows.exists():
        return False
    _check_room()
    Delivery.objects.waiting().filter(consumer=endpoint.consumer).update(due_at=Now())
    return bool(
        rows.update(
            state=Endpoint.State.ACTIVE,
            ended_at=None,
            failures=0,
            failing_since=None,
            paused_until=None,
            error="",
        )
    )


def count_missed(endpoint: Endpoint, since: datetime) -> int:
    """Return how many events ``catch_up`` would send."""
    return missing(consumer_of(endpoint), _missed(endpoint, since)).count()


def catch_up(endpoint: Endpoint, since: datetime) -> int:
    """Send what happened since then and was not noted for it. Return how many."""
    return deliver_missing(consumer_of(endpoint), _missed(endpoint, since))


def _missed(endpoint: Endpoint, since: datetime) -> Period:
    return Period(max(endpoint.made_at, since - _ROUTED_WITHIN))


def send_again(deliveries: QuerySet[Delivery]) -> int:
    """Have these sent once more, with all attempts, delivered ones as well.

    What waits for its turn is due at once. Return how many.
    """
    return deliveries.update(
        state=Delivery.State.WAITING,
        fence=F("fence") + 1,
        attempts=0,
        due_at=Now(),
        ended_at=None,
    )


@transaction.atomic
def remove(endpoints: Iterable[Endpoint]) -> None:
    """Remove endpoints, with what was or is to be sent to them."""
    for endpoint in endpoints:
        Delivery.objects.filter(consumer=endpoint.consumer).delete()
        endpoint.delete()


def forget_attempts(before: datetime) -> int:
    """Remove a bounded number of records of requests from before then, oldest first."""
    removed = 0
    for _batch in range(BATCHES):
        old = Attempt.objects.filter(sent_at__lt=before).order_by("sent_at")
        keys = list(old.values_list("pk", flat=True)[:BATCH])
        removed += Attempt.objects.filter(pk__in=keys).delete()[0]
        if len(keys) < BATCH:
            break
    return removed


def _check_room() -> None:
    if Endpoint.objects.active().count() >= MOST_ACTIVE:
        raise TooMany
