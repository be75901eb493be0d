"""Recording that people passed the pivot of a stopped saga outside."""

from typing import Any

import pytest

from saga.models import Direction, Saga, State
from saga.operations import pass_pivot
from tests.conftest import Clock
from tests.saga.lab import Lab
from tests.saga.stopped import stopped_at_b
from tests.saga.tables import dump

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def test_it_is_recorded_once_and_for_this_saga_only(lab: Lab, clock: Clock) -> None:
    saga = stopped_at_b(lab, lab.external("b"))
    assert lab.definition is not None
    other = lab.start(lab.external("a"), reference="R-2")
    Saga.objects.filter(pk=other.pk).update(
        state=State.FAILED, alert_wanted_at=saga.alert_wanted_at
    )

    assert pass_pivot(lab.definition, "R-1") is True
    passed_at = Saga.objects.get(pk=saga.pk).pivot_at
    clock.shift(10)
    assert pass_pivot(lab.definition, "R-1") is False

    saga.refresh_from_db()
    assert saga.pivot_at == passed_at is not None
    assert saga.state == State.FAILED
    assert Saga.objects.get(pk=other.pk).pivot_at is None


@pytest.mark.parametrize(
    "changes",
    [
        {"state": State.RUNNING},
        {"direction": Direction.UNDO},
        {"definition": "another"},
        {"reference": "R-2"},
    ],
    ids=["moves", "on its way back", "of another definition", "another"],
)
def test_what_moves_or_goes_back_finds_it_out_by_its_own_step(
    lab: Lab, changes: dict[str, Any]
) -> None:
    stopped_at_b(lab, lab.external("b"))
    Saga.objects.update(**changes)
    before = dump()
    assert lab.definition is not None

    assert pass_pivot(lab.definition, "R-1") is False

    assert dump() == before
