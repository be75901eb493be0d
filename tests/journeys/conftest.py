"""One shop for all journeys; its staff listen in a chat of ours."""

from collections.abc import Iterator

import pytest

from tests.support.chat import Chat, listening_chat
from tests.support.live import LiveStack
from tests.support.live import live_stack as run_live_stack
from tests.support.live_invariants import assert_invariants
from tests.support.sandbox_control import clear_faults

VARIABLES = {
    "SAGA_LEASE": "4",
    "SAGA_MESSAGE_GRACE": "1",
    "SAGA_RETRY_BASE": "0.1",
    # The mail has twice as many tries, at growing pauses: 3 s for all of them.
    "SAGA_MAX_ATTEMPTS": "3",
    # How long a customer may take over another card or the bank's question: 15 s.
    "HOLD_MINUTES": "0.25",
}


@pytest.fixture(scope="package")
def chat() -> Iterator[Chat]:
    with listening_chat() as chat:
        yield chat


@pytest.fixture(scope="package")
def live_stack_processes(
    tmp_path_factory: pytest.TempPathFactory, chat: Chat
) -> Iterator[LiveStack]:
    folder = tmp_path_factory.mktemp("journeys") / "data"
    with run_live_stack(folder, ALERT_CHAT_WEBHOOK_URL=chat.url, **VARIABLES) as stack:
        yield stack


@pytest.fixture
def shop(live_stack: LiveStack) -> Iterator[LiveStack]:
    """A healthy shop; after the journey all five invariants hold."""
    yield live_stack
    clear_faults(live_stack)
    live_stack.restore()
    assert_invariants(live_stack)
