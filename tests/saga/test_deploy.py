"""The code changes under sagas: they are continued, or held back and shown."""

import pytest

from saga.engine import Result, run
from saga.errors import Abort
from saga.models import State
from tests.conftest import Clock
from tests.saga.lab import Lab
from tests.saga.releases import STEPS, acts, go_on, steps, stopped_at_step, undoing_at

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


# --- forward ---


@pytest.mark.parametrize("at", STEPS)
def test_a_step_that_was_inserted_is_done_or_its_omission_is_on_record(
    lab: Lab, clock: Clock, at: str
) -> None:
    saga = stopped_at_step(lab, at)
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
    saga = stopped_at_step(lab, at)
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
    saga = stopped_at_step(lab, at)
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
    saga = stopped_at_step(lab, "d")
    lab.plan("do d", Abort("sold out", "sold_out"))
    lab.deploy(2, *steps(lab, "a", "new", "c", "d"))

    go_on(saga, clock)

    assert (saga.state, saga.step) == (State.COMPENSATING, "b")
    assert lab.log[-2:] == ["undo d", "undo c"]
