"""Resuming with another input."""

from typing import Any

import pytest

from saga.engine import run
from saga.errors import InputRefused, ManualIntervention, NotResumable
from saga.models import Saga, State
from saga.operations import resume
from saga.step import Context, Input, Step
from tests.saga.lab import Lab, outcomes
from tests.saga.stopped import stopped_at_b
from tests.saga.tables import dump
from tests.support.threads import exceptions_in, run_together


def size() -> Input:
    """Return an input that is a number, 1 unless it was changed."""
    return Input("size", parse=int, current=lambda _context: 1)


def reading(lab: Lab, *inputs: Input) -> Step:
    return lab.external("b", inputs=inputs or (size(),))


def note_size(seen: list[Any]) -> Any:
    def act(context: Context) -> None:
        seen.append(context.input("size", 1))

    return act


@pytest.mark.django_db
def test_a_step_reads_what_staff_put_in_its_inputs_place(lab: Lab) -> None:
    saga = stopped_at_b(lab, reading(lab))
    seen: list[Any] = []
    lab.plan("do b", note_size(seen))

    resume(saga, "ken", "too small", inputs={"size": "3"})
    run(saga.pk)

    assert seen == [3]
    assert Saga.objects.get().state == State.DONE


@pytest.mark.django_db
def test_without_a_change_a_step_reads_what_the_input_is(lab: Lab) -> None:
    saga = stopped_at_b(lab, reading(lab))
    seen: list[Any] = []
    lab.plan("do b", note_size(seen))

    resume(saga, "ken", "as it was")
    run(saga.pk)

    assert seen == [1]


@pytest.mark.django_db
def test_the_difference_is_in_the_history(lab: Lab) -> None:
    saga = stopped_at_b(lab, reading(lab))

    resume(saga, "ken", "too small", inputs={"size": "3"})

    row = saga.attempts.get(outcome="edited")
    assert row.input == {"size": {"old": 1, "new": 3}}
    assert (row.actor, row.note, row.step) == ("ken", "too small", "b")


@pytest.mark.django_db
def test_a_second_change_starts_from_the_first(lab: Lab) -> None:
    saga = stopped_at_b(lab, reading(lab))
    lab.plan("do b", ManualIntervention("still not"))
    resume(saga, "ken", "too small", inputs={"size": "3"})
    run(saga.pk)

    resume(saga, "mio", "still too small", inputs={"size": "5"})

    rows = saga.attempts.filter(outcome="edited")
    assert [row.input["size"] for row in rows] == [
        {"old": 1, "new": 3},
        {"old": 3, "new": 5},
    ]


@pytest.mark.django_db
def test_an_input_that_stays_what_it_is_is_a_plain_resume(lab: Lab) -> None:
    saga = stopped_at_b(lab, reading(lab))

    resume(saga, "ken", "same", inputs={"size": "1"})

    assert outcomes(saga)[-1] == ("b", "do", "resumed")
    assert "input" not in Saga.objects.get().data


@pytest.mark.django_db
def test_the_input_of_a_later_step_can_be_changed_too(lab: Lab) -> None:
    lab.plan("do b", ManualIntervention("look at this"))
    last = lab.external("c", inputs=(size(),))
    saga = lab.start(lab.external("a"), lab.external("b"), last)
    run(saga.pk)
    seen: list[Any] = []
    lab.plan("do c", note_size(seen))

    resume(saga, "ken", "", inputs={"size": "7"})
    run(saga.pk)

    assert seen == [7]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("size", "big", "invalid literal"),
        ("colour", "red", "no such input from b on; there is: size"),
    ],
)
def test_an_input_that_is_refused_changes_nothing(
    lab: Lab, name: str, typed: str, why: str
) -> None:
    saga = stopped_at_b(lab, reading(lab))
    before = dump()

    with pytest.raises(InputRefused, match=why) as refusal:
        resume(saga, "ken", "", inputs={name: typed})

    assert (refusal.value.reference, refusal.value.name) == ("R-1", name)
    assert dump() == before


@pytest.mark.django_db
def test_an_input_of_a_step_that_is_done_is_refused(lab: Lab) -> None:
    lab.plan("do b", ManualIntervention("look at this"))
    saga = lab.start(lab.external("a", inputs=(size(),)), lab.external("b"))
    run(saga.pk)

    with pytest.raises(InputRefused, match="there is: none"):
        resume(saga, "ken", "", inputs={"size": "3"})


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_twenty_people_with_twenty_inputs_one_wins(lab: Lab) -> None:
    saga = stopped_at_b(lab, reading(lab))

    answers = run_together(
        range(2, 22),
        lambda n: resume(
            Saga.objects.get(pk=saga.pk), f"clerk {n}", "", inputs={"size": str(n)}
        ),
    )

    assert answers.count(None) == 1
    assert {type(error) for error in exceptions_in(answers)} == {NotResumable}
    row = saga.attempts.get(outcome="edited")
    assert row.input["size"]["new"] == answers.index(None) + 2
    assert Saga.objects.get().data["input"] == {"size": answers.index(None) + 2}
