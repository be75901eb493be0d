"""The consumer that docs/how-to/consumer.md tells its reader to write works."""

import types
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from checkout.alerts import notices
from events.consumers import forget_consumer, register_consumer
from events.deliveries import deliver_due
from events.router import route_all
from saga.models import Alert
from tests.support.guides import files_of
from tests.support.ordering import place
from tests.support.orders import make_cart

pytestmark = pytest.mark.django_db

MODULE = "checkout/stream/large_orders.py"


@pytest.fixture
def guide() -> Iterator[Any]:
    module = types.ModuleType("large_orders")
    exec(files_of("how-to/consumer.md")[MODULE], module.__dict__)  # noqa: S102
    register_consumer(module.CONSUMER)
    notices.register(module.WRITERS)
    yield module
    forget_consumer(module.CONSUMER.name)
    notices._writers.pop(module.LARGE_ORDER)


def test_staff_hear_of_a_large_order_and_of_no_other(
    guide: Any, settings: Settings
) -> None:
    place(make_cart({"MUG-01": 1}))
    large, _ = place(make_cart({"MUG-01": 3}))
    guide.LARGE = large.total_minor

    route_all()
    deliver_due()

    alert = Alert.objects.get()
    assert alert.topic == f"large_order {large.number}"
    title, lines = notices.write(alert)
    assert title == f"{large.number} is a large order"
    page = f"{settings.SITE_URL}/admin/orders/order/?q={large.number}"
    assert lines == [f"Look: {page}"]
