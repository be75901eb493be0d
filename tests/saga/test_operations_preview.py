"""Previews of actions."""

import json
from typing import Any

import pytest

from saga.engine import run
from saga.errors import Abort, ManualIntervention, Unproven
from saga.operations import Action, preview
from saga.step import Input, Step
from tests.saga.lab import Lab
from tests.saga.stopped import stopped_at_b
from tests.saga.tables import dump


def able(lab: Lab, says: Any = "receipt") -> Step:
    def prove(_context: object) -> Any:
        if isinstance(says, Exception):
            raise says
        return says

    size = Input("size", parse=int, current=lambda _context: 1)
    return lab.external("b", prove=prove, skippable=True, inputs=(size,))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "then", "direction", "steps"),
    [
        (Action.RESUME, "running", "do", ("b", "c")),
        (Action.MARK_DONE, "running", "do", ("c",)),
        (Action.SKIP, "running", "do", ("c",)),
        (Action.CANCEL, "compensating", "undo", ("b", "a")),
    ],
)
def test_what_would_follow_is_said_and_nothing_is_written(
    lab: Lab, action: Action, then: str, direction: str, steps: tuple[str, ...]
) -> None:
    saga = stopped_at_b(lab, able(lab))
    before = dump()

    planned = preview(action, saga)

    assert (planned.refusal, planned.then) == (None, then)
    assert (planned.direction, planned.steps) == (direction, steps)
    assert (planned.seen, planned.step) == (saga.fence, "b")
    assert dump() == before


@pytest.mark.django_db
def test_the_change_of_an_input_is_part_of_the_preview(lab: Lab) -> None:
    saga = stopped_at_b(lab, able(lab))

    planned = preview(Action.RESUME, saga, {"size": "3"})

    assert planned.input == {"size": {"old": 1, "new": 3}}


@pytest.mark.django_db
def test_a_preview_can_be_written_as_json(lab: Lab) -> None:
    saga = stopped_at_b(lab, able(lab))

    written = json.loads(json.dumps(preview(Action.SKIP, saga).as_dict()))

    assert written == {
        "act": "skip",
        "reference": "R-1",
        "seen": saga.fence,
        "step": "b",
        "refused": "",
        "why": "",
        "then": "running",
        "direction": "do",
        "steps": ["c"],
        "input": {},
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "why"),
    [
        (Action.RESUME, "R-1 is done, not failed"),
        (Action.MARK_DONE, "R-1 is done: it has ended"),
        (Action.SKIP, "R-1 is done: it has ended"),
        (Action.CANCEL, "R-1 is done: it has ended"),
    ],
)
def test_a_refusal_is_part_of_the_preview(lab: Lab, action: Action, why: str) -> None:
    saga = lab.start(lab.external("a"))
    run(saga.pk)

    planned = preview(action, saga)

    assert (str(planned.refusal), planned.steps) == (why, ())


@pytest.mark.django_db
def test_a_proof_that_fails_is_known_beforehand(lab: Lab) -> None:
    saga = stopped_at_b(lab, able(lab, Unproven("nobody has it")))
    before = dump()

    planned = preview(Action.MARK_DONE, saga)

    assert str(planned.refusal) == "R-1: b was not done: nobody has it"
    assert dump() == before


@pytest.mark.django_db
def test_cancelling_after_the_pivot_is_refused_beforehand(lab: Lab) -> None:
    saga = stopped_at_b(lab, able(lab), pivot=True)

    assert "point of no return" in str(preview(Action.CANCEL, saga).refusal)


@pytest.mark.django_db
def test_an_undo_that_stopped_is_resumed_backwards(lab: Lab) -> None:
    lab.plan("do b", Abort("no", "not_paid"))
    lab.plan("undo b", ManualIntervention("stuck"))
    saga = lab.start(lab.external("a"), lab.external("b"))
    run(saga.pk)

    planned = preview(Action.RESUME, saga)

    assert (planned.direction, planned.steps) == ("undo", ("b", "a"))
