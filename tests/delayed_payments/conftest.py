"""One shop that takes cash from convenience stores and charges cards at shipment."""

from collections.abc import Iterator

import pytest

from tests.support.live import LiveStack
from tests.support.live import live_stack as run_live_stack
from tests.support.live_invariants import assert_invariants
from tests.support.sandbox_control import clear_faults

VARIABLES = {"PAYMENT_METHODS": "card,konbini", "CAPTURE": "shipment"}


@pytest.fixture(scope="package")
def live_stack_processes(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LiveStack]:
    folder = tmp_path_factory.mktemp("later") / "data"
    with run_live_stack(folder, **VARIABLES) as stack:
        yield stack


@pytest.fixture
def shop(live_stack: LiveStack) -> Iterator[LiveStack]:
    """A healthy shop; after the journey every order has ended as it should."""
    yield live_stack
    clear_faults(live_stack)
    live_stack.restore()
    assert_invariants(live_stack)
