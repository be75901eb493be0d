from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from tests.saga.broker import DeadBroker, nobody_listens
from tests.saga.lab import Lab

Clock = time_machine.Traveller


@pytest.fixture
def lab() -> Iterator[Lab]:
    lab = Lab()
    yield lab
    lab.close()


@pytest.fixture
def dead_broker() -> Iterator[DeadBroker]:
    """Nobody takes messages."""
    with nobody_listens() as broker:
        yield broker


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that stands still until ``clock.shift(seconds)``."""
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False) as clock:
        yield clock
