"""What a circuit breaker writes, and to which rows it leaves alone."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from saga import circuit_breaker
from saga.errors import OutcomeUnknown
from saga.models import Breaker, Saga, State
from saga.step import Step
from tests.conftest import Clock
from tests.saga.lab import Lab
from tests.saga.tables import dump

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

DOWN = OutcomeUnknown("no answer")
HOUR = timedelta(hours=1)
# An ended saga that still says what it once waited for.
ENDED = {"state": State.COMPENSATED}


@pytest.fixture(autouse=True)
def two_in_a_row(settings: Settings) -> None:
    settings.BREAKER_FAILURES = 2
    settings.BREAKER_PAUSE = 5.0


@pytest.fixture
def pay(lab: Lab) -> Step:
    return lab.external("pay", dependency="bank")


def start(lab: Lab, step: Step, number: int, **values: Any) -> Saga:
    saga = lab.start(step, reference=f"R-{number}")
    Saga.objects.filter(pk=saga.pk).update(**values)
    return Saga.objects.with_due().get(pk=saga.pk)


def open_since(now: datetime, name: str = "bank") -> None:
    down = {"state": "open", "failed_at": now, "opened_at": now, "probe_at": now}
    Breaker.objects.create(name=name, failures=4, probes=3, **down)


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize(
    "changes", [{"fence": 9}, {"state": State.DONE}, {"due_at": timezone.now() + HOUR}]
)
def test_only_the_saga_that_was_read_is_parked_or_woken(
    lab: Lab, pay: Step, changes: dict[str, Any], is_open: bool
) -> None:
    if is_open:
        open_since(timezone.now())
    as_read = start(lab, pay, 1)
    start(lab, pay, 2)
    Saga.objects.filter(pk=as_read.pk).update(**changes)
    before = dump()

    circuit_breaker.park(as_read, "bank", timezone.now() + HOUR)

    assert dump() == before


def test_a_parked_saga_begins_its_relaunches_anew(lab: Lab, pay: Step) -> None:
    saga = start(lab, pay, 1, relaunches=3)
    until = timezone.now() + HOUR
    open_since(timezone.now())

    circuit_breaker.park(saga, "bank", until)

    saga.refresh_from_db()
    assert (saga.due_at, saga.sweep_at, saga.relaunches) == (until, until, 0)
    assert saga.waiting_for == "bank"


def test_it_parks_for_one_to_one_and_a_half_minutes(lab: Lab) -> None:
    now = timezone.now()
    longest = 1.5 * circuit_breaker.PARKED_FOR

    for _turn in range(50):
        until = circuit_breaker._parked_until(now)
        assert now + circuit_breaker.PARKED_FOR <= until <= now + longest


def test_opening_says_when_and_begins_the_probes_anew(
    lab: Lab, pay: Step, clock: Clock
) -> None:
    now = timezone.now()
    Breaker.objects.create(name="bank", failures=1, probes=7, failed_at=now - HOUR / 12)
    Breaker.objects.create(name="mail", failures=9, failed_at=now)

    circuit_breaker.record_failure(pay, start(lab, pay, 1), DOWN)

    row = Breaker.objects.get(name="bank")
    assert (row.state, row.failures, row.probes) == ("open", 2, 0)
    assert (row.opened_at, row.failed_at) == (now, now)
    assert row.probe_at == now + timedelta(seconds=5)
    assert Breaker.objects.get(name="mail").state == "closed"


def test_a_failure_after_a_long_time_is_the_first(
    lab: Lab, pay: Step, clock: Clock
) -> None:
    now = timezone.now()
    Breaker.objects.create(name="bank", failures=1, failed_at=now - HOUR)

    circuit_breaker.record_failure(pay, start(lab, pay, 1), DOWN)

    row = Breaker.objects.get()
    assert (row.state, row.failures, row.failed_at) == ("closed", 1, now)


def test_the_next_in_line_gets_the_next_probe_and_nobody_else(
    lab: Lab, pay: Step, clock: Clock
) -> None:
    now = timezone.now()
    waiting = {"waiting_for": "bank", "due_at": now + HOUR, "sweep_at": now + HOUR}
    probing = start(lab, pay, 1, waiting_for="bank")
    others = [
        start(lab, pay, 2, **waiting | {"due_at": now + 2 * HOUR}),
        start(lab, pay, 3, **waiting | {"claimed_by": "another:1"}),
        start(lab, pay, 4, **waiting | {"waiting_for": "mail"}),
        start(lab, pay, 5, **waiting | ENDED),
    ]
    first = start(lab, pay, 6, **waiting)
    Breaker.objects.create(
        name="bank", state="half_open", probes=1, failed_at=now, probe_at=now
    )

    circuit_breaker.record_failure(pay, probing, DOWN)

    probe_at = now + timedelta(seconds=20)
    assert Breaker.objects.get().probe_at == probe_at
    first.refresh_from_db()
    assert (first.due_at, first.sweep_at) == (probe_at, probe_at)
    for other in others:
        before = other.due_at
        other.refresh_from_db()
        assert other.due_at == before


def test_an_answer_frees_all_that_were_parked_for_it_and_nothing_else(
    lab: Lab, pay: Step, clock: Clock
) -> None:
    now = timezone.now()
    waiting = {"waiting_for": "bank", "due_at": now + HOUR, "sweep_at": now + HOUR}
    parked = start(lab, pay, 1, **waiting)
    others = [
        start(lab, pay, 2, **waiting | {"waiting_for": "mail"}),
        start(lab, pay, 3, **waiting | {"claimed_by": "another:1"}),
        start(lab, pay, 4, **waiting | ENDED),
    ]
    for name in ("bank", "mail"):
        open_since(now, name)

    circuit_breaker.record_answer(pay, Saga.objects.with_due().get(pk=parked.pk))

    row = Breaker.objects.get(name="bank")
    assert (row.state, row.failures, row.probes) == ("closed", 0, 0)
    assert (row.opened_at, row.probe_at) == (None, None)
    assert Breaker.objects.get(name="mail").state == "open"
    parked.refresh_from_db()
    assert parked.due_at == parked.sweep_at == now
    for other in others:
        other.refresh_from_db()
        assert (other.due_at, other.sweep_at) == (now + HOUR, now + HOUR)


def test_an_answer_ends_the_row_of_failures_of_its_dependency_only(
    lab: Lab, pay: Step
) -> None:
    for name in ("bank", "mail"):
        Breaker.objects.create(name=name, failures=1, failed_at=timezone.now())
    circuit_breaker._suspects.add("bank")

    circuit_breaker.record_answer(pay, start(lab, pay, 1))

    failures = dict(Breaker.objects.values_list("name", "failures"))
    assert failures == {"bank": 0, "mail": 1}
