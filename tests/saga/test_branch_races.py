"""Branches that end, arrive or turn at the same moment do not wait for ever."""

import pytest

from saga.definition import Branch
from saga.engine import run
from saga.errors import Abort
from saga.models import Saga, State
from saga.operations import start
from tests.saga.lab import Lab
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]

BRANCHES = tuple(Branch(name, after="a") for name in ("one", "two", "three"))


def split(lab: Lab, number: int) -> list[Saga]:
    """Return a main path and its branches, each before its last step."""
    aside = [lab.local(f"do-{branch.name}", branch=branch.name) for branch in BRANCHES]
    deployed = lab.deploy(1, lab.local("a"), lab.local("b"), *aside, branches=BRANCHES)
    main_path = start(deployed, f"R-{number}")
    run(main_path.pk, link="a")
    return list(Saga.objects.filter(reference=f"R-{number}"))


@pytest.mark.parametrize("number", range(5))
def test_the_saga_that_ends_last_joins(lab: Lab, number: int) -> None:
    sagas = split(lab, number)

    links = {
        saga.pk: "b" if saga.branch == "" else f"do-{saga.branch}" for saga in sagas
    }
    answers = run_together(list(links), lambda pk: run(pk, link=links[pk]))

    assert exceptions_in(answers) == []
    assert {saga.state for saga in Saga.objects.all()} == {State.DONE}


@pytest.mark.parametrize("number", range(5))
def test_branches_that_abort_at_once_are_each_undone_once(
    lab: Lab, number: int
) -> None:
    sagas = split(lab, number)
    unwilling = {"b", "do-one", "do-two"}
    for act in unwilling:
        lab.plan(f"do {act}", Abort("no", "no"))

    links = {
        saga.pk: "b" if saga.branch == "" else f"do-{saga.branch}" for saga in sagas
    }
    answers = run_together(list(links), lambda pk: run(pk, link=links[pk]))
    for _time in range(4):
        run_together([saga.pk for saga in sagas] * 2, run)

    assert exceptions_in(answers) == []
    assert {saga.state for saga in Saga.objects.all()} == {State.COMPENSATED}
    undone = [act for act in lab.log if act.startswith("undo")]
    assert len(undone) == len(set(undone))
    assert undone[-1] == "undo a"
    done = {act.removeprefix("do ") for act in lab.log if act.startswith("do ")}
    back = {act.removeprefix("undo ") for act in undone}
    # A local step that gives up is rolled back, and nothing is left to be undone. Only
    # where its sagas turned back in between, its try is not even in the history.
    assert done - unwilling <= back <= done


def test_calls_and_ends_at_once_do_not_wait_for_each_other(lab: Lab) -> None:
    sagas = split(lab, 1)

    links = {
        saga.pk: "b" if saga.branch == "" else f"do-{saga.branch}" for saga in sagas
    }
    work = [*links, *[0] * 8]
    answers = run_together(
        work, lambda pk: run(pk, link=links[pk]) if pk else lab.wake("R-1")
    )

    assert exceptions_in(answers) == []
    assert {saga.state for saga in Saga.objects.all()} == {State.DONE}
