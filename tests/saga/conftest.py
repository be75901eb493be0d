from collections.abc import Iterator

import pytest

from tests.saga.broker import DeadBroker, nobody_listens
from tests.saga.lab import Lab


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
