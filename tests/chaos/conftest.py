"""One shop for all faults: impatient, and with places at which processes can die."""

from collections.abc import Iterator

import pytest

from tests.chaos.stack import IMPATIENT, start_at_once
from tests.support.chat import Chat, listening_chat
from tests.support.live import LiveStack
from tests.support.live import live_stack as run_live_stack
from tests.support.live_invariants import assert_invariants
from tests.support.sandbox_control import clear_faults


@pytest.fixture(scope="package")
def chat() -> Iterator[Chat]:
    with listening_chat() as chat:
        yield chat


@pytest.fixture(scope="package")
def live_stack_processes(
    tmp_path_factory: pytest.TempPathFactory, chat: Chat
) -> Iterator[LiveStack]:
    folder = tmp_path_factory.mktemp("chaos") / "data"
    with run_live_stack(folder, ALERT_CHAT_WEBHOOK_URL=chat.url, **IMPATIENT) as stack:
        yield stack


@pytest.fixture
def shop(live_stack: LiveStack) -> Iterator[LiveStack]:
    """A healthy shop; after the test all five invariants hold, whatever it broke."""
    yield live_stack
    clear_faults(live_stack)
    start_at_once(live_stack)
    live_stack.restore()
    assert_invariants(live_stack)
