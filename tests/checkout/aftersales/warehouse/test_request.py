"""What the warehouse is asked for: how to send an order, and by when."""

from datetime import date

import pytest

from checkout.aftersales.warehouse.port import Service
from orders.models import Order
from saga.engine import run
from tests.support.ordering import place
from tests.support.warehouse import FakeWarehouse

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def test_it_is_asked_with_the_promise_and_the_customer_s_wish(
    warehouse: FakeWarehouse, gateway: object, clock: object
) -> None:
    order, saga = place(units={"MUG-01": 1})
    Order.objects.update(
        shipping_method="Parcel",
        shipping_carrier="sagawa",
        ship_by=date(2026, 12, 1),
        delivery_on=date(2026, 12, 6),
        delivery_slot="1821",
    )

    run(saga.pk)

    assert warehouse.orders[order.number].service == Service(
        method="Parcel",
        carrier="sagawa",
        ship_by=date(2026, 12, 1),
        deliver_on=date(2026, 12, 6),
        slot="1821",
    )


def test_without_a_promise_it_is_asked_for_no_day(
    warehouse: FakeWarehouse, gateway: object, clock: object
) -> None:
    order, saga = place(units={"MUG-01": 1})
    Order.objects.update(shipping_method="", shipping_carrier="", ship_by=None)

    run(saga.pk)

    assert warehouse.orders[order.number].service == Service()
