from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

import pytest
import time_machine
from pytest_django.fixtures import Settings

from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import get_gateway

Clock = time_machine.Traveller


@pytest.fixture
def gateway(settings: Settings) -> Iterator[FakeGateway]:
    """The payment provider in memory; the shop is configured to use it."""
    settings.PAYMENT_GATEWAY = "checkout.payments.fake.gateway.FakeGateway"
    get_gateway.cache_clear()
    yield cast("FakeGateway", get_gateway())
    get_gateway.cache_clear()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that stands still until ``clock.shift(seconds)``."""
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False) as clock:
        yield clock
