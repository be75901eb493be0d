"""Claims of dead processes are taken over before their leases end."""

from datetime import timedelta

import pytest

from saga.claims import claim
from saga.engine import Result, run
from saga.heartbeat import EVERY, SILENT_AFTER
from saga.models import Heartbeat, Saga, State
from saga.processes import own_name
from saga.step import Context
from saga.sweeper import sweep
from saga.takeover import Watch, end_claims_of_the_dead
from shop.database_clock import Now
from tests.conftest import Clock
from tests.saga.lab import Lab, outcomes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

LEASE = timedelta(seconds=60)
ELSEWHERE = "web-9:4711:0badcafe-1"


def dead_process() -> str:
    """Return the name of a process that ran here before this one."""
    return f"{own_name().rpartition('-')[0]}-1"


def claimed_by(lab: Lab, process: str, reference: str = "R-1") -> Saga:
    saga = lab.start(lab.external("a"), lab.local("b"), reference=reference)
    assert claim(saga, LEASE) is not None
    Saga.objects.filter(pk=saga.pk).update(claimed_by=process)
    saga.refresh_from_db()
    return saga


def is_due(saga: Saga) -> bool:
    return Saga.objects.filter(pk=saga.pk).due().exists()


class Heart:
    """A process elsewhere, and a watch whose clock the test moves."""

    def __init__(self, process: str = ELSEWHERE) -> None:
        self.seconds = 0.0
        self.watch = Watch(clock=lambda: self.seconds)
        self.row = Heartbeat.objects.create(
            role="worker", process=process, started_at=Now(), seen_at=Now()
        )

    def beat(self) -> None:
        Heartbeat.objects.update(seen_at=Now())

    def look(self, seconds: float, every: float = 1.0) -> int:
        """Look at it regularly for so long. Return how many claims ended."""
        ended = 0
        for _look in range(round(seconds / every)):
            self.seconds += every
            ended += self.watch.look()
        return ended


def age_claims(by: timedelta = SILENT_AFTER) -> None:
    Saga.objects.update(claimed_at=Now(-by))


def test_the_claims_of_a_process_that_ended_are_taken_over_at_once(lab: Lab) -> None:
    dead = [claimed_by(lab, dead_process(), f"R-{n}") for n in range(20)]

    assert end_claims_of_the_dead() == 20
    done = sweep()

    assert done.lost == 20
    for saga in dead:
        assert run(saga.pk) is Result.PASSED
        assert outcomes(saga) == [
            ("a", "do", "lost"),
            ("a", "do", "ok"),
            ("b", "do", "ok"),
        ]
    assert lab.log.count("do a") == 20


@pytest.mark.parametrize(
    "process", [own_name(), ELSEWHERE, "old-name:1"], ids=["alive", "elsewhere", "old"]
)
def test_a_claim_whose_process_may_be_alive_keeps_its_lease(
    lab: Lab, process: str
) -> None:
    saga = claimed_by(lab, process)

    assert end_claims_of_the_dead() == 0
    assert Watch().look() == 0

    assert not is_due(saga)
    assert run(saga.pk) is Result.STOPPED
    assert lab.log == []


def test_each_death_costs_a_try_until_there_is_none_left(
    lab: Lab, clock: Clock
) -> None:
    saga = claimed_by(lab, dead_process())

    for attempt in (1, 2, 3):
        saga.refresh_from_db()
        assert (saga.attempt, saga.state) == (attempt, State.RUNNING)
        assert end_claims_of_the_dead() == 1
        assert sweep().lost == 1
        clock.shift(600)
        saga.refresh_from_db()
        if saga.state == State.RUNNING:
            assert claim(saga, LEASE) is not None
            Saga.objects.update(claimed_by=dead_process())

    assert saga.state == State.COMPENSATING
    assert lab.log == []


def test_what_died_together_twice_is_not_tried_together_again(
    lab: Lab, clock: Clock
) -> None:
    sagas = [claimed_by(lab, dead_process(), f"R-{n}") for n in range(20)]
    Saga.objects.update(attempt=2)

    end_claims_of_the_dead()
    sweep()

    due = {saga.due_at for saga in Saga.objects.all()}
    assert len(due) == len(sagas)
    assert max(due) - min(due) > timedelta(seconds=10)


def test_what_died_once_is_tried_again_at_once(lab: Lab, clock: Clock) -> None:
    saga = claimed_by(lab, dead_process())

    end_claims_of_the_dead()
    done = sweep()

    assert (done.lost, done.relaunched, done.inline) == (1, 1, 0)
    assert is_due(saga)
    assert Saga.objects.get().relaunches == 1


def test_what_a_living_process_lost_twice_is_tried_again_at_once(
    lab: Lab, clock: Clock
) -> None:
    saga = claimed_by(lab, own_name())
    Saga.objects.update(attempt=2)
    clock.shift(61)

    assert sweep().lost == 1

    assert is_due(saga)


def test_a_process_wrongly_taken_for_dead_writes_nothing_any_more(lab: Lab) -> None:
    def be_taken_for_dead(context: Context) -> None:
        Saga.objects.update(claimed_by=dead_process())
        context.saga.claimed_by = dead_process()
        assert end_claims_of_the_dead() == 1
        assert sweep().lost == 1

    lab.plan("do a", be_taken_for_dead)
    saga = lab.start(lab.external("a"), lab.local("b"))

    assert run(saga.pk) is Result.STOPPED

    saga.refresh_from_db()
    assert (saga.step, saga.claimed_by) == ("a", "")
    assert outcomes(saga) == [("a", "do", "lost")]


def test_a_process_elsewhere_whose_heartbeat_stopped_loses_its_claims(lab: Lab) -> None:
    heart = Heart()
    saga = claimed_by(lab, ELSEWHERE)
    age_claims()

    assert heart.look(SILENT_AFTER.total_seconds()) == 0
    assert not is_due(saga)
    assert heart.look(2) == 1

    assert is_due(saga)


def test_a_process_elsewhere_that_beats_keeps_its_claims(lab: Lab) -> None:
    heart = Heart()
    saga = claimed_by(lab, ELSEWHERE)
    age_claims()

    for _minute in range(10):
        assert heart.look(SILENT_AFTER.total_seconds() - 1) == 0
        heart.beat()

    assert not is_due(saga)


def test_a_claim_is_a_sign_of_life(lab: Lab) -> None:
    heart = Heart()
    saga = claimed_by(lab, ELSEWHERE)

    assert heart.look(2 * SILENT_AFTER.total_seconds()) == 0

    assert not is_due(saga)


def test_an_outage_of_the_database_makes_nobody_silent(lab: Lab) -> None:
    heart = Heart()
    saga = claimed_by(lab, ELSEWHERE)
    age_claims()
    heart.look(EVERY)

    # For ten minutes nobody could beat, and nobody could look.
    heart.look(600, every=600)
    heart.look(EVERY)
    heart.beat()

    assert heart.look(EVERY) == 0
    assert not is_due(saga)


def test_a_wrong_clock_makes_nobody_silent(lab: Lab, clock: Clock) -> None:
    heart = Heart()
    saga = claimed_by(lab, ELSEWHERE)
    heart.look(5)
    before = Saga.objects.get(pk=saga.pk).due_at

    clock.shift(50)

    assert heart.look(EVERY) == 0
    assert Saga.objects.get(pk=saga.pk).due_at == before
