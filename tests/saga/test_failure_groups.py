"""Stopped sagas by their cause."""

import pytest

from saga.engine import run
from saga.errors import ManualIntervention
from saga.failure_groups import failure_group_id, failure_groups, sagas_of_group
from saga.models import Saga
from tests.saga.lab import Lab

pytestmark = pytest.mark.django_db


def stop(lab: Lab, reference: str, error: Exception, step: str = "pay") -> Saga:
    lab.plan(f"do {step}", error)
    saga = lab.start(lab.external("pay"), lab.external("ship"), reference=reference)
    run(saga.pk)
    saga.refresh_from_db()
    return saga


def test_errors_that_differ_only_in_names_are_one_cause(lab: Lab) -> None:
    one = stop(
        lab, "R-1", ManualIntervention("no mail to hanako@example.com (451 busy)")
    )
    two = stop(lab, "R-2", ManualIntervention("no mail to ken@example.com (452 busy)"))

    (found,) = failure_groups()

    assert found.id == failure_group_id(one) == failure_group_id(two)
    assert found.signature == "ManualIntervention: no mail to # # busy)"
    assert (found.step, found.count, found.references) == ("pay", 2, ("R-1", "R-2"))
    assert found.since == one.failed_at
    assert [saga.reference for saga in sagas_of_group(found.id)] == ["R-1", "R-2"]


def test_another_step_another_class_and_other_words_are_other_causes(lab: Lab) -> None:
    stop(lab, "R-1", ManualIntervention("look"))
    stop(lab, "R-2", ManualIntervention("look"), step="ship")
    stop(lab, "R-3", ManualIntervention("listen"))
    stop(lab, "R-4", ManualIntervention("look"))

    found = failure_groups()

    assert [group.count for group in found] == [2, 1, 1]
    assert found[0].references == ("R-1", "R-4")


def test_a_saga_that_did_not_stop_is_in_no_group(lab: Lab) -> None:
    saga = lab.start(lab.external("pay"))

    assert (failure_groups(), failure_group_id(saga), sagas_of_group("")) == (
        [],
        "",
        [],
    )
