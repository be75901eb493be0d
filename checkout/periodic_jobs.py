"""The periodic jobs: what the sweeper repeats."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from threading import Event, Thread

from django.conf import settings
from django.db import Error, close_old_connections, connection
from django.db.models import Q, QuerySet

from checkout.aftersales import release_dates
from checkout.aftersales.disputes.services import sweep_disputes
from checkout.aftersales.payment_sync import sweep_payments
from checkout.aftersales.pickups import remind
from checkout.aftersales.refunds.services import sweep_refunds
from checkout.aftersales.returns.services import forget_photos
from checkout.aftersales.warehouse.models import WarehouseReport
from checkout.alerts.clocks import watch_clocks
from checkout.alerts.failed_jobs import FAILED_JOB
from checkout.card_testing.services import KEPT, forget_clients
from checkout.card_testing.watch import watch_cards
from checkout.cart import rushes
from checkout.cart.retention import forget_carts
from checkout.contact import services as contact
from checkout.mail.outbox import sweep_mails
from checkout.placement.pictures import remove_unused_pictures
from checkout.promotions.guesses import forget_guesses
from checkout.restock import services as restock
from checkout.status.names import CHECKOUT_NAME
from checkout.stream import low_stock
from checkout.waiting_room import services as waiting_rooms
from checkout.webhooks.models import ProviderEvent
from checkout.webhooks.services import sweep_events
from events.deliveries import deliver_due
from events.orphans import end_orphans
from events.retention import forget_events
from events.router import route_all
from inventory.parking import forget_origins
from inventory.services import expire_holds
from outgoing.webhooks import services as webhooks
from outgoing.webhooks.secrets import forget_ended
from saga.alerting import raise_notice
from saga.bulk_resume import background
from saga.metrics import EVERY, forget_metrics, record_metrics
from saga.models import Saga
from saga.operations import resume
from saga.retention import (
    BATCH,
    BATCHES,
    forget_alerts,
    forget_attempts,
    forget_processes,
    is_due,
)
from saga.schedules import start_due
from saga.sweeper import sweep
from saga.takeover import Watch
from shop import database_clock
from shop.customers.codes import remove_old as remove_old_codes
from shop.customers.outbox import sweep as sweep_account_mails
from shop.database import messages
from shop.database.messages import log_failure

logger = logging.getLogger(__name__)

# Returns how much it did, by kind.
Job = Callable[[], dict[str, int]]

# The jobs that run in a thread of their own, so that consumers are not late.
STREAM = ("route events", "deliver events")
TIDY_EVERY = timedelta(hours=1)
REMIND_EVERY = timedelta(hours=1)
PICTURES_EVERY = timedelta(days=1)
_APPLIED = Q(applied_at__isnull=False)
_SET_ASIDE = ~Q(set_aside="")
_TAKEN = Q(refused="")


class JobsFailed(Exception):
    """Some jobs failed; the others were done. Staff are alerted to each."""

    def __init__(self, jobs: Sequence[str]) -> None:
        self.jobs = tuple(jobs)
        super().__init__(f"failed: {', '.join(jobs)}; see the log for each")


def run_once(*, but: Collection[str] = ()) -> dict[str, int]:
    """Run all periodic jobs that are due. Return how much each has done.

    Those named in ``but`` are left out: they run in a thread of their own.

    They end the claims of dead processes, enqueue overdue sagas, alert, expire holds,
    apply webhooks, send mails, poll payments, refunds and disputes, route events to
    their consumers, advance bulk resumes, open and close waiting rooms and compare
    clocks; once a minute they take metrics and look for tests of stolen cards, once an
    hour they remove old rows, and once a day files of pictures that nothing shows.
    Several processes may run them at once.

    A job that fails keeps none of the others from being done. Raises JobsFailed after
    them, or at once what the database raises if it cannot be used.
    """
    close_old_connections()
    done: dict[str, int] = {}
    jobs = {name: job for name, job in _JOBS.items() if name not in but}
    failed = [name for name, job in jobs.items() if not _is_done(name, job, done)]
    if failed:
        raise JobsFailed(failed)
    return done


def run_stream(ended: Event) -> None:
    """Route and deliver events until ``ended`` is set, every EVENTS_INTERVAL.

    Without a pause while there is more to do. A failure is logged, staff are alerted to
    it, and it goes on after SWEEPER_INTERVAL: several processes may do this at once.
    """
    while not ended.is_set():
        done: dict[str, int] = {}
        try:
            close_old_connections()
            failed = [name for name in STREAM if not _is_done(name, _JOBS[name], done)]
            is_well = not failed
        except Error as error:
            # It has to outlast a database that is away.
            log_failure("could not route events; trying again", error)
            is_well = False
        if not is_well:
            ended.wait(settings.SWEEPER_INTERVAL)
        elif not any(done.values()):
            ended.wait(settings.EVENTS_INTERVAL)


def stream_in_background(ended: Event) -> Thread:
    """Route and deliver events in a new thread until ``ended`` is set."""

    def run() -> None:
        try:
            run_stream(ended)
        finally:
            connection.close()

    thread = Thread(target=run, name="events", daemon=True)
    thread.start()
    return thread


def _is_done(name: str, job: Job, done: dict[str, int]) -> bool:
    """Do the job and add what it did. Alert staff and return False if it failed."""
    try:
        done |= job()
    except Error as error:
        if not messages.advice(error).is_fault:
            raise
        logger.exception("the periodic job %r failed", name)
    except Exception:
        logger.exception("the periodic job %r failed", name)
    else:
        return True
    now = database_clock.read()
    raise_notice(CHECKOUT_NAME, f"{FAILED_JOB} {name}", now)
    return False


def _count(name: str, job: Callable[[], int]) -> Job:
    return lambda: {name: job()}


def _watch_clocks() -> dict[str, int]:
    watch_clocks(database_clock.read())
    return {}


def _take_metrics() -> dict[str, int]:
    now = database_clock.read()
    if is_due("metrics", EVERY, now):
        record_metrics(now)
        watch_cards(now)
    return {}


def _start_by_the_calendar() -> dict[str, int]:
    return {"started": start_due(database_clock.read())}


def _tell_of_restock() -> dict[str, int]:
    due = is_due("restock", restock.EVERY, database_clock.read())
    return {"restock_mails": restock.tell() if due else 0}


def _tell_of_low_stock() -> dict[str, int]:
    return {"low_stock": low_stock.tell_if_due(database_clock.read())}


def _follow_releases() -> dict[str, int]:
    due = is_due("releases", release_dates.EVERY, database_clock.read())
    return {"releases_moved": release_dates.follow() if due else 0}


def _forget() -> dict[str, int]:
    now = database_clock.read()
    due = is_due("tidy", TIDY_EVERY, now)
    return {"forgotten": sum(tidy(now).values()) if due else 0}


def _remind() -> dict[str, int]:
    now = database_clock.read()
    due = is_due("pick-ups", REMIND_EVERY, now)
    return {"pickups_overdue": remind(now) if due else 0}


def _remove_pictures() -> dict[str, int]:
    due = is_due("pictures", PICTURES_EVERY, database_clock.read())
    return {"pictures_removed": remove_unused_pictures() if due else 0}


def resume_if_unchanged(saga: Saga, actor: str, reason: str, seen: int) -> None:
    """Resume a saga of a group if it is as staff saw it. Raises ActionRefused."""
    resume(saga, actor, reason, seen=seen)


def tidy(now: datetime) -> dict[str, int]:
    """Remove a bounded number of old rows. Return how many of each kind.

    Orders, payments, movements, sagas and actions of staff are never removed.
    """
    removed = {
        "carts": forget_carts(now),
        "enquiries": contact.forget(now),
        "photos of returns": forget_photos(now),
        "restock": restock.forget(now),
        "clients": forget_clients(now),
        "origins": forget_origins(now - KEPT),
        "codes": remove_old_codes(),
        "wrong coupons": forget_guesses(now),
        "tickets": waiting_rooms.forget(now),
    }
    kept = timedelta(days=settings.WEBHOOK_ATTEMPT_DAYS)
    removed["webhooks sent"] = webhooks.forget_attempts(now - kept)
    removed["ended secrets"] = forget_ended()
    removed["deliveries to nobody"] = end_orphans()
    if settings.EVENTS_DAYS:
        removed["routed"] = forget_events(now - timedelta(days=settings.EVENTS_DAYS))
    forget_processes(now)
    forget_metrics(now)
    if settings.SAGA_HISTORY_DAYS:
        before = now - timedelta(days=settings.SAGA_HISTORY_DAYS)
        removed["attempts"] = forget_attempts(before)
        removed["alerts"] = forget_alerts(before)
        events, reports = ProviderEvent.objects.all(), WarehouseReport.objects.all()
        removed["events"] = _forget_received(events, _APPLIED | _SET_ASIDE, before)
        removed["reports"] = _forget_received(reports, _APPLIED | ~_TAKEN, before)
    return removed


def _forget_received(
    rows: QuerySet[ProviderEvent] | QuerySet[WarehouseReport], over: Q, before: datetime
) -> int:
    """Remove messages from before then that are ``over``, oldest first: how many."""
    removed = 0
    for _batch in range(BATCHES):
        batch = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        old = rows.filter(over, pk__in=batch, received_at__lt=before).delete()[0]
        removed += old
        if old < BATCH:
            break
    return removed


_watch = Watch()

# What each job is called in alerts, and what it does. The sagas come first.
_JOBS: dict[str, Job] = {
    "take over claims": _count("claims_ended", _watch.look),
    "sweep": lambda: asdict(sweep()),
    "start by the calendar": _start_by_the_calendar,
    "expire holds": _count("holds_expired", expire_holds),
    "apply webhooks": _count("events_applied", sweep_events),
    "send mails": _count("mails_sent", sweep_mails),
    "send account mails": _count("account_mails_sent", sweep_account_mails),
    "poll payments": _count("payments_polled", sweep_payments),
    "poll refunds": _count("refunds_polled", sweep_refunds),
    "poll disputes": _count("disputes_polled", sweep_disputes),
    "route events": _count("events_routed", route_all),
    "deliver events": _count("events_delivered", deliver_due),
    "advance bulk resumes": _count(
        "group_resumed", lambda: background.advance_all(resume_if_unchanged)
    ),
    "compare clocks": _watch_clocks,
    "take metrics": _take_metrics,
    "remind of pick-ups": _remind,
    "follow release dates": _follow_releases,
    "tell of goods that are back": _tell_of_restock,
    "tell of low stock": _tell_of_low_stock,
    "follow rushes": _count("waiting_rooms", rushes.follow_if_due),
    "remove old rows": _forget,
    "remove unused pictures": _remove_pictures,
}
