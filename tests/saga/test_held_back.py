"""Sagas that the code cannot continue, or not yet, and sagas taken up later."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from saga.engine import Result, run
from saga.errors import ManualIntervention
from saga.models import Saga, State
from saga.operations import resume
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Killed, Lab, outcomes
from tests.saga.releases import (
    STEPS,
    acts,
    go_on,
    one_step_at_a_time,
    steps,
    stopped_at_step,
)

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def test_a_saga_that_is_held_back_goes_on_when_the_code_is_there(
    lab: Lab, clock: Clock
) -> None:
    saga = stopped_at_step(lab, "c")
    lab.deploy(2, *steps(lab, "a", "b", "d"))
    for _round in range(20):
        clock.shift(60)
        sweep()
    lab.deploy(3, *steps(lab, "a", "b", "c", "d"))

    clock.shift(16)
    assert sweep().relaunched == 1
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.version) == (State.DONE, 3)
    assert (saga.error, saga.alert_wanted_at) == ("", None)
    assert acts(saga, "lost") == []


def test_staff_are_alerted_once_to_a_saga_held_back(lab: Lab, clock: Clock) -> None:
    saga = stopped_at_step(lab, "c")
    lab.deploy(2, *steps(lab, "a", "b", "d"))

    run(saga.pk)
    sweep()
    for _round in range(14):
        clock.shift(20)
        sweep()
    assert lab.alerts == [], "hosts are being deployed one after another, perhaps"
    for _round in range(4):
        clock.shift(20)
        sweep()

    (alert,) = lab.alerts
    assert alert.startswith("R-1 at c: this code has no step 'c'")


@pytest.mark.parametrize(
    ("version", "options"), [(1, {}), (3, {"oldest": 3})], ids=["older", "newer"]
)
def test_code_that_does_not_continue_the_version_holds_it_back(
    lab: Lab, clock: Clock, version: int, options: dict[str, int]
) -> None:
    saga = stopped_at_step(lab, "b")
    Saga.objects.update(version=2)
    lab.deploy(version, *steps(lab, *STEPS), **options)

    go_on(saga, clock)

    assert (saga.step, saga.version, saga.fence) == ("b", 2, 1)
    assert f"no version 2 of 'artificial', it continues {version}" in saga.error


def test_a_wait_whose_time_is_up_is_held_back_too(lab: Lab, clock: Clock) -> None:
    saga = stopped_at_step(lab, "c")
    Saga.objects.update(state=State.WAITING, due_at=timezone.now())
    lab.deploy(2, *steps(lab, "a", "b", "d"))

    clock.shift(61)
    assert sweep().held_back == 1
    lab.deploy(3, *steps(lab, *STEPS))
    go_on(saga, clock)

    assert saga.state == State.DONE


def test_what_another_version_is_just_doing_is_left_to_it(
    lab: Lab, clock: Clock
) -> None:
    def deploy_meanwhile(_context: object) -> None:
        lab.deploy(2, *steps(lab, "a", "new", "b", "c", "d"))
        assert run(saga.pk) is Result.STOPPED

    saga = stopped_at_step(lab, "c")
    one_step_at_a_time(saga)
    lab.plan("do c", deploy_meanwhile)

    assert run(saga.pk) is Result.PASSED

    saga.refresh_from_db()
    assert lab.log.count("do c") == 1
    assert (saga.state, saga.version) == (State.DONE, 2)
    assert acts(saga, "adopted") == ["d"]


def test_a_worker_that_died_under_the_old_version_is_counted_first(
    lab: Lab, clock: Clock
) -> None:
    def die(_context: object) -> None:
        raise Killed

    saga = stopped_at_step(lab, "c")
    lab.plan("do c", die)
    with pytest.raises(Killed):
        run(saga.pk)
    lab.deploy(2, *steps(lab, *STEPS))
    clock.shift(61)

    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    ends = [row[2] for row in outcomes(saga) if row[0] == "c"]
    assert ends == ["lost", "adopted", "ok"]


@pytest.mark.parametrize("at", STEPS)
def test_a_stopped_saga_is_resumed_with_the_new_version(
    lab: Lab, clock: Clock, at: str
) -> None:
    lab.plan(f"do {at}", ManualIntervention("look"))
    saga = lab.start(*steps(lab, *STEPS))
    run(saga.pk)
    former: Callable[[str], tuple[str, ...]] = lambda name: (name,)  # noqa: E731
    lab.deploy(2, *(lab.local(f"{name}2", aliases=former(name)) for name in STEPS))

    resume(Saga.objects.get(), "ken", "mended")
    go_on(saga, clock)

    assert (saga.state, saga.version) == (State.DONE, 2)
    assert acts(saga, "adopted") == [f"{at}2"]
    assert acts(saga, "skipped") == []
