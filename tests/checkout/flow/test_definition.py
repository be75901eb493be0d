"""The saga's definition: one module a step."""

from importlib import import_module

import pytest

from checkout.flow.definition import CHECKOUT
from saga.step import Step


@pytest.mark.parametrize("step", CHECKOUT.steps, ids=lambda step: step.name)
def test_what_a_step_does_records_undoes_and_proves_is_in_its_module(
    step: Step,
) -> None:
    module = import_module(f"checkout.flow.{step.name}")
    assert module.STEP is step
    effects = (step.do, step.record, step.undo, step.record_undo, step.prove)
    homes = {effect.__module__ for effect in effects if effect}
    assert homes == {module.__name__}
