"""One shop for all chaos tests, with short waits and kill points."""

from collections.abc import Iterator

import pytest

from tests.chaos.stack import IMPATIENT, start_at_once
from tests.support.live import LiveStack
from tests.support.stacks import live_stack_fixture

live_stack_processes = live_stack_fixture("chaos", alerts_to_chat=True, **IMPATIENT)


@pytest.fixture
def shop(shop: LiveStack) -> Iterator[LiveStack]:
    """A healthy shop, whose services do not pause before they are restarted."""
    yield shop
    start_at_once(shop)
