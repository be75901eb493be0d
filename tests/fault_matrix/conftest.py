"""One shop for all faults of the provider: impatient, and never sparing a call."""

from collections.abc import Iterator

import pytest

from tests.support.live import LiveStack
from tests.support.live import live_stack as run_live_stack
from tests.support.live_invariants import assert_invariants
from tests.support.sandbox_control import clear_faults

VARIABLES = {
    "STRIPE_TIMEOUT": "0.5",
    # So many faults in a row would open the breaker, and hide what each does alone.
    "BREAKER_FAILURES": "100000",
    "SAGA_RETRY_BASE": "0.1",
    "SAGA_LEASE": "10",
}


@pytest.fixture(scope="package")
def live_stack_processes(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LiveStack]:
    folder = tmp_path_factory.mktemp("faults") / "data"
    with run_live_stack(folder, **VARIABLES) as stack:
        yield stack


@pytest.fixture
def shop(live_stack: LiveStack) -> Iterator[LiveStack]:
    """A healthy shop; afterwards all five invariants hold, whatever was broken."""
    yield live_stack
    clear_faults(live_stack)
    live_stack.restore()
    assert_invariants(live_stack)
