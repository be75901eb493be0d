"""The code changes under sagas: they are continued, or held back and shown."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.utils import timezone

from saga.engine import Result, run
from saga.errors import Abort, ManualIntervention, Retry
from saga.models import Saga, State
from saga.operations import resume
from saga.step import Step
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.saga.lab import Killed, Lab, outcomes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

STEPS = ("a", "b", "c", "d")


def steps(lab: Lab, *names: str) -> list[Step]:
    """Return steps of both kinds, each with an undo."""
    return [
        lab.local(name) if number % 2 else lab.external(name)
        for number, name in enumerate(names)
    ]


def standing_at(lab: Lab, name: str) -> Saga:
    """Return a saga of version 1 at step ``name``, all before it done."""
    saga = lab.start(*steps(lab, *STEPS))
    is_local = STEPS.index(name) % 2
    for before in STEPS[: STEPS.index(name)]:
        one_step_at_a_time(saga)
        if is_local and before == STEPS[STEPS.index(name) - 1]:
            # It would ride along: its worker dies right there.
            lab.plan(f"do {name}", Killed())
        with suppress(Killed):
            run(saga.pk, link=before)
    if is_local:
        lab.log.remove(f"do {name}")
    Saga.objects.filter(pk=saga.pk).update(relaunches=0)
    saga.refresh_from_db()
    assert (saga.step, saga.claimed_by) == (name, "")
    return saga


def one_step_at_a_time(saga: Saga) -> None:
    """Make the next step one that no other is done along with."""
    Saga.objects.filter(pk=saga.pk).update(relaunches=1)


def undoing_at(lab: Lab, name: str) -> Saga:
    """Return a saga of version 1 that does not get past the undo of ``name``."""
    lab.plan("do d", Abort("sold out", "sold_out"))
    lab.plan(f"undo {name}", Retry("stuck"))
    saga = lab.start(*steps(lab, *STEPS))
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.step) == (State.COMPENSATING, name)
    return saga


def go_on(saga: Saga, clock: Clock) -> None:
    """Do what happens by itself: time passes, the sweeper looks, a message comes."""
    for _look in range(3):
        clock.shift(61)
        sweep()
        run(saga.pk)
    saga.refresh_from_db()


def acts(saga: Saga, outcome: str) -> list[str]:
    return list(saga.attempts.filter(outcome=outcome).values_list("step", flat=True))


# --- forward ---


@pytest.mark.parametrize("at", STEPS)
def test_a_step_that_was_inserted_is_done_or_its_omission_is_on_record(
    lab: Lab, clock: Clock, at: str
) -> None:
    saga = standing_at(lab, at)
    lab.deploy(2, *steps(lab, "a", "b", "new", "c", "d"))

    go_on(saga, clock)

    passed = at in ("c", "d")
    assert (saga.state, saga.version) == (State.DONE, 2)
    assert lab.log.count("do new") == (0 if passed else 1)
    assert [lab.log.count(f"do {name}") for name in STEPS] == [1, 1, 1, 1]
    assert acts(saga, "skipped") == (["new"] if passed else [])
    assert acts(saga, "adopted") == [at]
    note = saga.attempts.get(outcome="adopted").note
    assert note == "version 1 continues under version 2"


@pytest.mark.parametrize("at", STEPS)
def test_a_saga_at_a_removed_step_is_held_back_and_others_go_on(
    lab: Lab, clock: Clock, at: str
) -> None:
    saga = standing_at(lab, at)
    before = list(lab.log)
    lab.deploy(2, *steps(lab, "a", "b", "d"))

    if at != "c":
        go_on(saga, clock)
        assert (saga.state, saga.version) == (State.DONE, 2)
        assert lab.log.count("do c") == (1 if at == "d" else 0)
        return
    assert run(saga.pk) is Result.STOPPED
    go_on(saga, clock)
    assert lab.log == before
    assert (saga.state, saga.version, saga.step) == (State.RUNNING, 1, "c")
    assert (saga.claimed_by, saga.attempt) == ("", 0)
    assert "this code has no step 'c' of 'artificial' (version 2)" in saga.error
    assert "deploy the version that has it" in saga.error


@pytest.mark.parametrize("at", STEPS)
def test_a_step_that_was_renamed_is_the_same_step(
    lab: Lab, clock: Clock, at: str
) -> None:
    lab.plan("do c", {"made": "by c"})
    saga = standing_at(lab, at)
    renamed = lab.local("sea", aliases=("c",))
    lab.plan("do sea", {"made": "by sea"})
    lab.deploy(2, *steps(lab, "a", "b"), renamed, *steps(lab, "d"))

    go_on(saga, clock)

    assert (saga.state, saga.version) == (State.DONE, 2)
    assert lab.log.count("do c") + lab.log.count("do sea") == 1
    # Later steps find its output by the name that they know.
    assert saga.output("sea") == {"made": "by c" if at == "d" else "by sea"}
    assert acts(saga, "skipped") == []
    if at == "c":
        note = saga.attempts.get(outcome="adopted").note
        assert note == "version 1 continues under version 2, c as sea"


# --- backward ---


@pytest.mark.parametrize("at", ["c", "b", "a"])
def test_a_step_that_was_inserted_is_not_undone_where_it_was_not_done(
    lab: Lab, clock: Clock, at: str
) -> None:
    saga = undoing_at(lab, at)
    lab.deploy(2, *steps(lab, "a", "new", "b", "c", "d"))

    go_on(saga, clock)

    assert (saga.state, saga.version) == (State.COMPENSATED, 2)
    assert "undo new" not in lab.log
    assert lab.log[-1] == "undo a"


@pytest.mark.parametrize("at", ["d", "c", "b"])
def test_what_a_removed_step_left_is_not_forgotten(
    lab: Lab, clock: Clock, at: str
) -> None:
    saga = undoing_at(lab, at)
    lab.deploy(2, *steps(lab, "a", "c", "d"))

    go_on(saga, clock)

    assert (saga.state, saga.step) == (State.COMPENSATING, "b")
    assert "undo a" not in lab.log
    assert "no step 'b'" in saga.error
    assert saga.claimed_by == ""

    # The step comes back, for its undo alone.
    lab.deploy(3, *steps(lab, "a", "c", "d"), retired=(lab.external("b"),))
    go_on(saga, clock)

    assert (saga.state, saga.version) == (State.COMPENSATED, 3)
    assert lab.log[-2:] == ["undo b", "undo a"]


def test_a_removed_step_that_was_undone_before_holds_nothing_back(
    lab: Lab, clock: Clock
) -> None:
    saga = undoing_at(lab, "a")
    lab.deploy(2, *steps(lab, "a", "c", "d"))

    go_on(saga, clock)

    assert saga.state == State.COMPENSATED


def test_a_retired_step_without_an_undo_is_nothing_to_wait_for(
    lab: Lab, clock: Clock
) -> None:
    saga = undoing_at(lab, "c")
    retired = (lab.external("b", undo=False),)
    lab.deploy(2, *steps(lab, "a", "c", "d"), retired=retired)

    go_on(saga, clock)

    assert saga.state == State.COMPENSATED
    assert lab.log[-2:] == ["undo c", "undo a"]


@pytest.mark.parametrize("at", ["c", "b", "a"])
def test_a_renamed_step_is_undone_once_by_its_new_name(
    lab: Lab, clock: Clock, at: str
) -> None:
    saga = undoing_at(lab, at)
    renamed = lab.external("bee", aliases=("b",))
    lab.deploy(2, *steps(lab, "a"), renamed, *steps(lab, "c", "d"))

    go_on(saga, clock)

    assert saga.state == State.COMPENSATED
    assert lab.log.count("undo bee") == (0 if at == "a" else 1)
    assert lab.log[-1] == "undo a"


def test_aborting_under_the_new_version_undoes_what_the_old_one_did(
    lab: Lab, clock: Clock
) -> None:
    saga = standing_at(lab, "d")
    lab.plan("do d", Abort("sold out", "sold_out"))
    lab.deploy(2, *steps(lab, "a", "new", "c", "d"))

    go_on(saga, clock)

    assert (saga.state, saga.step) == (State.COMPENSATING, "b")
    assert lab.log[-2:] == ["undo d", "undo c"]


# --- held back ---


def test_a_saga_that_is_held_back_goes_on_when_the_code_is_there(
    lab: Lab, clock: Clock
) -> None:
    saga = standing_at(lab, "c")
    lab.deploy(2, *steps(lab, "a", "b", "d"))
    for _look in range(20):
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


def test_staff_are_told_once_of_a_saga_that_is_held_back(
    lab: Lab, clock: Clock
) -> None:
    saga = standing_at(lab, "c")
    lab.deploy(2, *steps(lab, "a", "b", "d"))

    run(saga.pk)
    sweep()
    assert lab.alerts == [], "a deploy is under way, perhaps"
    for _look in range(4):
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
    saga = standing_at(lab, "b")
    Saga.objects.update(version=2)
    lab.deploy(version, *steps(lab, *STEPS), **options)

    go_on(saga, clock)

    assert (saga.step, saga.version, saga.fence) == ("b", 2, 1)
    assert f"no version 2 of 'artificial', it continues {version}" in saga.error


def test_a_wait_whose_time_is_up_is_held_back_too(lab: Lab, clock: Clock) -> None:
    saga = standing_at(lab, "c")
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

    saga = standing_at(lab, "c")
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

    saga = standing_at(lab, "c")
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
