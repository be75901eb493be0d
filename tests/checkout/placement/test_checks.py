"""A shop does not start with another currency than that of its open orders."""

import pytest
from django.core.checks import run_checks
from django.db import connection
from pytest_django.fixtures import Settings

from checkout.placement.checks import check_open_orders
from orders.models import Order
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def test_open_orders_in_another_currency_are_refused_with_the_way_out(
    settings: Settings,
) -> None:
    make_order()
    Order.objects.filter(pk=make_order().pk).update(status=Order.Status.CONFIRMED)
    assert check_open_orders() == []
    settings.CURRENCY = "USD"

    (found,) = check_open_orders()

    assert found in run_checks(), "every process runs it"
    assert found.is_serious()
    assert found.msg == "CURRENCY=USD, but 2 open orders are in JPY."
    assert str(found.hint).startswith("Set CURRENCY=JPY until they are shipped")


@pytest.mark.parametrize("status", [Order.Status.SHIPPED, Order.Status.CANCELLED])
def test_orders_that_are_over_bind_no_currency(
    settings: Settings, status: Order.Status
) -> None:
    make_order()
    Order.objects.update(status=status)
    settings.CURRENCY = "USD"

    assert check_open_orders() == []


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_left_for_children_to_inherit() -> None:
    connection.close()

    check_open_orders()

    assert connection.connection is None
