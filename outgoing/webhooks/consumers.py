"""Each active endpoint is a consumer of events."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from events.consumers import Consumer
from events.models import Event
from events.sending import Unavailable
from outgoing.webhooks import health
from outgoing.webhooks.models import CONSUMER, Endpoint
from outgoing.webhooks.sending import message_of, send

# After 5 s, 5 and 30 minutes, then within hours: three and a half days in all.
PAUSES = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
# Calls to one endpoint at the same time, in one process.
THREADS = 4
# Each has threads of its own, so there must be an end of them.
MOST_ACTIVE = 50


class NotTaken(Exception):
    """The endpoint has not taken the event; the text says how."""


def provide() -> Iterator[Consumer]:
    for endpoint in Endpoint.objects.active().with_rest().order_by("pk")[:MOST_ACTIVE]:
        yield consumer_of(endpoint)


def all_names() -> Iterator[str]:
    """Yield the consumers of all endpoints, those that are switched off as well."""
    for key in Endpoint.objects.order_by().values_list("pk", flat=True):
        yield f"{CONSUMER}{key}"


def consumer_of(endpoint: Endpoint) -> Consumer:
    return Consumer(
        name=endpoint.consumer,
        patterns=endpoint.patterns,
        handle=partial(deliver, endpoint.pk),
        in_order=endpoint.in_order,
        attempts=len(PAUSES) + 1,
        is_outside=True,
        tells_people=True,
        # While it fails, one message tries and all others wait.
        threads=1 if endpoint.failures >= health.FAILURES_IN_A_ROW else THREADS,
        resting=endpoint.rests,
        pauses=PAUSES,
        title=endpoint.name,
    )


def deliver(endpoint_pk: int, event: Event) -> None:
    """Send the event. Raises NotTaken, or Unavailable if the endpoint was ended."""
    endpoint = Endpoint.objects.active().filter(pk=endpoint_pk).first()
    if endpoint is None:
        message = f"{CONSUMER}{endpoint_pk} is not active any more"
        raise Unavailable(message)
    attempt = send(endpoint, message_of(event))
    health.note(endpoint, attempt)
    if not attempt.is_taken:
        raise NotTaken(attempt.error)
