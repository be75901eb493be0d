"""One shop for all faults: impatient, and with places at which processes can die."""

from collections.abc import Iterator

import pytest

from tests.chaos.invariants import assert_invariants
from tests.ground.live import LiveStack
from tests.ground.live import live_stack as run_live_stack
from tests.journeys.sandbox import clear_faults

IMPATIENT = {
    "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
    "SAGA_LEASE": "3",
    "SWEEPER_INTERVAL": "0.2",
    "SAGA_MESSAGE_GRACE": "1",
    "SAGA_RETRY_BASE": "0.2",
    "STRIPE_TIMEOUT": "1",
    # How long a customer may take over another card or the bank's question: 6 s.
    "HOLD_MINUTES": "0.1",
}


@pytest.fixture(scope="package")
def live_stack_processes(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LiveStack]:
    folder = tmp_path_factory.mktemp("chaos") / "data"
    with run_live_stack(folder, **IMPATIENT) as stack:
        yield stack


@pytest.fixture
def shop(live_stack: LiveStack) -> Iterator[LiveStack]:
    """A healthy shop; after the test all five invariants hold, whatever it broke."""
    yield live_stack
    clear_faults(live_stack)
    start_at_once(live_stack)
    live_stack.restore()
    assert_invariants(live_stack)


def start_at_once(stack: LiveStack) -> None:
    """Cut short the pause that the supervisor makes after repeated deaths."""
    for name, service in stack.services().items():
        if service["state"] == "waiting":
            stack.stop(name)
