"""What the database knows, as metrics: orders on their way, stock, events, processes.

Each read counts by an index or a small table, so that asking costs the same however
many orders there have been.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from django.db import Error
from django.db.models import Count, F, Min, Q, Sum
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from checkout.announcements.services import active_announcements
from checkout.mail.models import OrderMail
from checkout.webhooks.models import ProviderEvent
from events.models import CapturedRow, Delivery
from inventory.models import Hold, StockItem
from saga.heartbeat import SILENT_AFTER
from saga.metrics import count_sagas
from saga.models import Breaker, Heartbeat, StepTally
from saga.tallies import BOUNDS
from shop import database_clock
from shop.database_clock import Now
from shop.local.models import LastBackup

logger = logging.getLogger(__name__)

NEEDED_ROLES = ("sweeper", "worker", "web")


class State(Collector):
    """Reads the database once for each answer. See ``collect``."""

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics, or only that the database cannot be read."""
        found: list[Metric] = []
        is_read = True
        try:
            for part in PARTS:
                found += part()
        except Error:
            logger.exception("metrics: the database cannot be read")
            found, is_read = [], False
        yield gauge("todoku_database_up", "1 if the database answered.", is_read)
        yield from found


def gauge(name: str, says: str, value: float | bool) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=float(value))


def gauges(
    name: str, says: str, label: str, values: Iterable[tuple[str, float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=[label])
    for text, value in values:
        family.add_metric([text], float(value))
    return family


def of_sagas() -> Iterator[Metric]:
    now = database_clock.read()
    counts = count_sagas(now)
    yield gauge("todoku_orders_in_flight", "Orders under way.", counts.in_flight)
    yield gauge("todoku_orders_stopped", "Orders that need staff.", counts.stuck)
    yield gauge(
        "todoku_oldest_stopped_seconds",
        "How long the order that stopped first has waited.",
        counts.oldest,
    )
    yield gauge(
        "todoku_queue_age_seconds",
        "How long the step that is due first has not been taken by a worker.",
        counts.queue,
    )
    breakers = Breaker.objects.values_list("name", "state")
    yield gauges(
        "todoku_breaker_open",
        "1 if the dependency does not answer and steps wait for it.",
        "dependency",
        [(name, state != Breaker.State.CLOSED) for name, state in breakers],
    )
    pause = active_announcements().pause
    yield gauge("todoku_checkout_paused", "1 if no orders are taken.", bool(pause))


def of_steps() -> Iterator[Metric]:
    """Yield the tallies of the tries: they change once a minute."""
    labels = ["definition", "step", "direction"]
    tries = CounterMetricFamily(
        "todoku_step_tries",
        "Tries of a step, by how they ended.",
        labels=[*labels, "outcome", "error"],
    )
    took = HistogramMetricFamily(
        "todoku_step_duration_seconds", "What a try of the step took.", labels=labels
    )
    rows = list(StepTally.objects.all())
    for row in rows:
        step = [row.definition, row.step, row.direction]
        tries.add_metric([*step, row.outcome, row.error_class], row.tries)
    for key, group in groupby(rows, lambda r: (r.definition, r.step, r.direction)):
        each = list(group)
        columns = zip(*(row.buckets for row in each), strict=True)
        counts = _added_up([sum(column) for column in columns])
        took.add_metric(list(key), counts, sum(row.seconds for row in each))
    yield tries
    yield took


def _added_up(buckets: list[int]) -> list[tuple[str, float]]:
    """Return bound -> how many took at most so long, as Prometheus wants it."""
    total, cumulative = 0, []
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), buckets, strict=True):
        total += count
        cumulative.append((bound, float(total)))
    return cumulative


def of_processes() -> Iterator[Metric]:
    alive = Count("pk", filter=Q(seen_at__gte=Now(-SILENT_AFTER)))
    rows = Heartbeat.objects.order_by().values("role").annotate(alive=alive)
    running = dict.fromkeys(NEEDED_ROLES, 0)
    running |= {row["role"]: row["alive"] for row in rows}
    yield gauges(
        "todoku_processes", "Processes that are alive.", "role", running.items()
    )
    beats = Heartbeat.objects.filter(seen_at__gte=Now(-SILENT_AFTER))
    offsets = beats.values_list("clock_offset", flat=True)
    worst = max((abs(each.total_seconds()) for each in offsets if each), default=0.0)
    yield gauge(
        "todoku_clock_offset_seconds",
        "How far the worst clock of a process is from the database's.",
        worst,
    )


def of_stock() -> Iterator[Metric]:
    sums = StockItem.objects.aggregate(
        all_on_hand=Sum("on_hand", default=0),
        all_held=Sum("held", default=0),
        sold_out=Count("pk", filter=Q(on_hand__lte=F("held"))),
    )
    yield gauges(
        "todoku_stock_units",
        "Units on hand, and those of them that are held for orders.",
        "kind",
        [("on_hand", sums["all_on_hand"]), ("held", sums["all_held"])],
    )
    yield gauge("todoku_stock_sold_out", "SKUs without a free unit.", sums["sold_out"])
    holds = Hold.objects.active().count()
    yield gauge("todoku_holds", "Holds that are active.", holds)


def of_messages() -> Iterator[Metric]:
    """Yield what waits to be passed on: events, webhooks, mails."""
    now = database_clock.read()
    captured = CapturedRow.objects.order_by("pk").values_list("pk", flat=True)
    yield gauge(
        "todoku_events_unrouted",
        "Changes that are no event yet, counted up to 10,000.",
        captured[:10_000].count(),
    )
    waiting = Delivery.objects.waiting().aggregate(since=Min("due_at"))["since"]
    yield gauge(
        "todoku_event_delivery_age_seconds",
        "How long the delivery of an event that is due first has waited.",
        max(0.0, (now - waiting).total_seconds()) if waiting else 0,
    )
    dead = Delivery.objects.dead().order_by().values("consumer")
    yield gauges(
        "todoku_event_dead_letters",
        "Events that a consumer could not take.",
        "consumer",
        [(row["consumer"], row["dead"]) for row in dead.annotate(dead=Count("pk"))],
    )
    received = ProviderEvent.objects.waiting().aggregate(since=Min("received_at"))
    since = received["since"]
    yield gauge(
        "todoku_webhook_age_seconds",
        "How long the provider's report that came first has not been applied.",
        (now - since).total_seconds() if since else 0,
    )
    mails = OrderMail.objects.filter(state=OrderMail.State.WANTED)
    yield gauge("todoku_mails_waiting", "Mails to customers not sent.", mails.count())


def of_backups() -> Iterator[Metric]:
    """Yield the age of the last good backup: no sample if there has been none."""
    age = GaugeMetricFamily(
        "todoku_backup_age_seconds", "How long ago the last good backup was begun."
    )
    begun_at = LastBackup.objects.values_list("begun_at", flat=True).first()
    if begun_at:
        age.add_metric([], max(0.0, (database_clock.read() - begun_at).total_seconds()))
    yield age


PARTS: tuple[Callable[[], Iterable[Metric]], ...] = (
    of_sagas,
    of_steps,
    of_processes,
    of_stock,
    of_messages,
    of_backups,
)
