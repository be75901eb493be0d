import re
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import DataError, OperationalError
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout import periodic_jobs
from checkout.aftersales.warehouse.models import WarehouseReport
from checkout.alerts import failed_jobs, notices
from checkout.cart.models import Cart
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.periodic_jobs import JobsFailed, run_once, tidy
from checkout.webhooks.models import ProviderEvent
from inventory.models import Movement
from inventory.services import reserve
from orders.models import Order
from saga.bulk_resume.background import Request, begin
from saga.bulk_resume.pace import Pace
from saga.engine import run
from saga.models import Alert, Attempt, Saga, State
from shop import database_clock
from tests.conftest import Clock
from tests.support.ordering import counters, place
from tests.support.orders import make_cart, stock

# Connections are checked first, which only works outside of a transaction.
pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = {
    "claims_ended": 0,
    "relaunched": 0,
    "inline": 0,
    "lost": 0,
    "alerted": 0,
    "held_back": 0,
    "started": 0,
    "holds_expired": 0,
    "events_applied": 0,
    "mails_sent": 0,
    "account_mails_sent": 0,
    "payments_polled": 0,
    "refunds_polled": 0,
    "disputes_polled": 0,
    "events_routed": 0,
    "events_delivered": 0,
    "group_resumed": 0,
    "pickups_overdue": 0,
    "forgotten": 0,
    "pictures_removed": 0,
    "restock_mails": 0,
    "low_stock": 0,
    "releases_moved": 0,
    "waiting_rooms": 0,
}


def test_with_nothing_to_do_nothing_is_done() -> None:
    assert run_once() == NOTHING


def test_one_run_does_everything_that_is_overdue(
    gateway: FakeGateway, clock: Clock
) -> None:
    place(units={"MUG-01": 1})
    reserve("LEFT BEHIND", {"MUG-01": 3}, timezone.now())
    gateway.fail("create", provider.Refused("wrong"))
    _order, stopped = place(units={"CAP-01": 1})
    run(stopped.pk)
    ProviderEvent.objects.create(event_id="evt_1", type="t")
    ProviderEvent.objects.update(received_at=timezone.now())
    clock.shift(6)

    assert run_once() == NOTHING | {
        "relaunched": 1,
        "alerted": 1,
        "holds_expired": 1,
        "events_applied": 1,
        "events_routed": 4,
        "events_delivered": 4,
    }
    assert counters("MUG-01") == (10, 0)
    assert run_once() == NOTHING


def test_a_bulk_resume_is_advanced(gateway: FakeGateway, clock: Clock) -> None:
    gateway.fail("create", provider.Refused("wrong"))
    _order, stopped = place()
    run(stopped.pk)
    stopped.refresh_from_db()
    begin([stopped], Request(uuid4(), "yuki", "mended", Pace(per_second=1)))

    assert run_once()["group_resumed"] == 1

    stopped.refresh_from_db()
    assert stopped.state == State.RUNNING


def test_an_hour_later_what_is_too_old_is_removed(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    order, saga = place(units={"MUG-01": 1})
    run(saga.pk)
    left_open = make_cart({"CAP-01": 1})
    event = ProviderEvent.objects.create(event_id="evt_1", type="t")
    WarehouseReport.objects.create(message_id="m_1", refused="unreadable", body="x")
    now = timezone.now()
    ProviderEvent.objects.update(received_at=now, applied_at=now)
    WarehouseReport.objects.update(received_at=now)
    Cart.objects.filter(pk=left_open.pk).update(updated_at=now)
    assert run_once()["forgotten"] == 0
    clock.shift(settings.SAGA_HISTORY_DAYS * 86_400 + 1)
    kept = make_cart({"CAP-01": 1})
    Cart.objects.filter(pk=kept.pk).update(updated_at=timezone.now())
    tries = Attempt.objects.count()

    assert run_once()["forgotten"] == tries + 3

    assert list(Cart.objects.filter(state="open")) == [kept]
    assert not ProviderEvent.objects.filter(pk=event.pk).exists()
    assert not WarehouseReport.objects.exists()
    assert not Attempt.objects.exists()
    kept_saga = Saga.objects.main_paths().get(definition=saga.definition)
    assert kept_saga.state == "done"
    assert Order.objects.get(pk=order.pk).payment.status == "captured"
    assert Movement.objects.filter(reference=order.number).exists()
    assert run_once()["forgotten"] == 0


def test_history_is_kept_for_ever_where_that_is_set(
    gateway: FakeGateway, clock: Clock, settings: Settings
) -> None:
    settings.SAGA_HISTORY_DAYS = 0
    _order, saga = place()
    run(saga.pk)
    clock.shift(10_000 * 86_400)

    tidy(timezone.now())

    assert Attempt.objects.exists()


def test_a_job_that_fails_keeps_no_other_from_being_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stock("MUG-01", 10)
    reserve("LEFT BEHIND", {"MUG-01": 3}, database_clock.read())
    _break(monkeypatch, "sweep", LookupError("one row is odd"))
    _break(monkeypatch, "apply webhooks", DataError("value too long"))

    with pytest.raises(JobsFailed) as failure:
        run_once()

    assert failure.value.jobs == ("sweep", "apply webhooks")
    assert counters("MUG-01") == (10, 0)
    topics = Alert.objects.order_by("pk").values_list("topic", flat=True)
    assert list(topics) == ["failed_job sweep", "failed_job apply webhooks"]
    title, lines = notices.write(Alert.objects.earliest("pk"))
    assert title == "The periodic job “sweep” fails"
    assert any("#an-alert-says-that-a-periodic-job-fails" in line for line in lines)


def test_a_database_that_is_away_stops_the_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _break(monkeypatch, "expire holds", OperationalError("connection is closed"))
    _break(monkeypatch, "send mails", AssertionError("no job is tried after that"))

    with pytest.raises(OperationalError):
        run_once()


def test_the_command_says_which_jobs_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    _break(monkeypatch, "send mails", LookupError("one row is odd"))

    with pytest.raises(CommandError, match="failed: send mails"):
        call_command("sweeper", once=True)


def test_the_alert_of_a_job_leads_to_its_section() -> None:
    runbook = Path(django_settings.BASE_DIR, "docs/operations/README.md").read_text()

    headings = re.findall("^## (.+)$", runbook, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    assert failed_jobs.ANCHOR in anchors


def _break(monkeypatch: pytest.MonkeyPatch, job: str, error: Exception) -> None:
    assert job in periodic_jobs._JOBS

    def fail() -> dict[str, int]:
        raise error

    monkeypatch.setitem(periodic_jobs._JOBS, job, fail)


def test_the_stream_goes_on_after_a_failure_and_tells_staff(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.EVENTS_INTERVAL, settings.SWEEPER_INTERVAL = 0.01, 0.02
    ended = Event()
    turns: list[str] = []
    pauses: list[float] = []
    monkeypatch.setattr(ended, "wait", pauses.append)

    def route() -> dict[str, int]:
        turns.append("route")
        if len(turns) == 1:
            message = "the server closed the connection"
            raise OperationalError(message)
        if len(turns) == 2:
            message = "a source is broken"
            raise ValueError(message)
        return {"events_routed": 1 if len(turns) == 3 else 0}

    def deliver() -> dict[str, int]:
        if len(turns) >= 4:
            ended.set()
        return {"events_delivered": 0}

    monkeypatch.setitem(periodic_jobs._JOBS, "route events", route)
    monkeypatch.setitem(periodic_jobs._JOBS, "deliver events", deliver)

    periodic_jobs.run_stream(ended)

    assert len(turns) == 4
    # After failures, none while there is more to do, and then of nothing to do.
    assert pauses == [0.02, 0.02, 0.01]
    alert = Alert.objects.get()
    assert alert.topic == f"{failed_jobs.FAILED_JOB} route events"


def test_what_has_a_thread_of_its_own_is_left_out() -> None:
    assert set(periodic_jobs.STREAM) <= set(periodic_jobs._JOBS)

    done = run_once(but=periodic_jobs.STREAM)

    assert done == {
        name: number
        for name, number in NOTHING.items()
        if name not in ("events_routed", "events_delivered")
    }
