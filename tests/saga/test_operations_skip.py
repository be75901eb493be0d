"""Skipping a step that the definition calls skippable."""

import pytest

from saga.engine import run
from saga.errors import Changed, Ended, ManualIntervention, NotSkippable
from saga.models import Saga, State
from saga.operations import skip
from tests.saga.lab import Lab, outcomes
from tests.saga.stopped import stopped_at_b
from tests.saga.tables import dump
from tests.support.threads import exceptions_in, run_together


@pytest.mark.django_db
def test_the_saga_goes_on_behind_a_skipped_step(lab: Lab) -> None:
    saga = stopped_at_b(lab, lab.external("b", skippable=True))

    skip(saga, "ken", "nobody misses it")
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.error) == (State.DONE, "")
    assert lab.log == ["do a", "do b", "do c"]
    row = saga.attempts.get(outcome="skipped")
    assert (row.step, row.actor, row.note) == ("b", "ken", "nobody misses it")


@pytest.mark.django_db
def test_the_last_step_skipped_ends_the_saga(lab: Lab) -> None:
    lab.plan("do b", ManualIntervention("stuck"))
    saga = lab.start(lab.external("a"), lab.external("b", skippable=True))
    run(saga.pk)

    skip(saga, "ken", "")

    assert (saga.state, saga.alert_wanted_at) == (State.DONE, None)
    assert saga.finished_at is not None


@pytest.mark.django_db
def test_a_step_that_is_needed_is_not_skipped(lab: Lab) -> None:
    saga = stopped_at_b(lab, lab.external("b"))
    before = dump()

    with pytest.raises(NotSkippable, match="b must not be skipped") as refusal:
        skip(saga, "ken", "")

    assert refusal.value.step == "b"
    assert dump() == before


@pytest.mark.django_db
def test_a_page_that_is_out_of_date_skips_nothing(lab: Lab) -> None:
    saga = stopped_at_b(lab, lab.external("b", skippable=True))
    before = dump()

    with pytest.raises(Changed):
        skip(saga, "ken", "", seen=saga.fence - 1)

    assert dump() == before


@pytest.mark.django_db
def test_a_saga_that_has_ended_has_nothing_to_skip(lab: Lab) -> None:
    saga = lab.start(lab.external("a", skippable=True))
    run(saga.pk)

    with pytest.raises(Ended):
        skip(saga, "ken", "")


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_skip_at_once_one_does(lab: Lab) -> None:
    saga = stopped_at_b(lab, lab.external("b", skippable=True))
    fence = saga.fence

    answers = run_together(
        range(20),
        lambda n: skip(Saga.objects.get(pk=saga.pk), f"{n}", "", seen=fence),
    )

    assert answers.count(None) == 1
    assert {type(error) for error in exceptions_in(answers)} == {Changed}
    assert outcomes(saga)[-1] == ("b", "do", "skipped")
    assert Saga.objects.get().step == "c"
