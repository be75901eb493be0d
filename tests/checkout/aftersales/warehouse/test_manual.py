"""The warehouse of a shop without a warehouse system: its own staff."""

import pytest
from django.utils import timezone

from checkout.aftersales import dispatch
from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.warehouse.manual import ManualWarehouse
from checkout.aftersales.warehouse.port import (
    Answer,
    Item,
    NotFound,
    Recipient,
    Service,
    ShippingOrder,
    Standing,
    get_warehouse,
)
from orders import transitions
from orders.models import Order
from tests.support.orders import make_order
from tests.support.refunding import make_charged_order
from tests.support.shortages import report

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]

WAREHOUSE = ManualWarehouse()
SOMEWHERE = Recipient("Ken", "03", "105-0011", "tokyo", "Minato-ku", "1-2-3")


def standing(order: Order) -> Standing:
    return WAREHOUSE.status(order.number).standing


def test_it_is_the_default() -> None:
    assert isinstance(get_warehouse(), ManualWarehouse)


def test_a_confirmed_order_is_accepted_as_it_is() -> None:
    order = make_charged_order()
    asked = ShippingOrder(
        order.number, 1, (Item("MUG-01", 1),), SOMEWHERE, "door", "en", Service()
    )

    found = WAREHOUSE.request(asked)

    assert (found.shipment, found.standing) == (order.number, Standing.ACCEPTED)


def test_it_accepts_a_cancellation_and_another_address_while_nothing_has_left() -> None:
    order = make_charged_order()

    assert WAREHOUSE.request_cancellation(order.number) is Answer.ACCEPTED
    assert (
        WAREHOUSE.change_recipient(order.number, SOMEWHERE, "door") is Answer.ACCEPTED
    )


def test_it_refuses_both_once_the_parcel_has_left() -> None:
    order = make_charged_order()
    dispatch.ship(order, carrier="yamato", tracking_number="1", actor="yuki")

    assert standing(order) is Standing.SHIPPED
    assert WAREHOUSE.request_cancellation(order.number) is Answer.REFUSED
    assert WAREHOUSE.change_recipient(order.number, SOMEWHERE, "door") is Answer.REFUSED


def test_a_parcel_that_waits_for_missing_goods_can_still_be_cancelled() -> None:
    order = make_charged_order({"MUG-01": 2})
    shortages.record(order, report(order, {"MUG-01": 1}), shelf_is_empty=True)

    assert standing(order) is Standing.SHORT
    assert WAREHOUSE.request_cancellation(order.number) is Answer.ACCEPTED


def test_a_parcel_that_was_called_off_is_cancelled_again_without_harm() -> None:
    order = make_charged_order()
    transitions.call_off(order, Order.CancelReason.REFUNDED, "yuki")

    assert standing(order) is Standing.CANCELLED
    assert WAREHOUSE.request_cancellation(order.number) is Answer.ACCEPTED


def test_an_order_that_is_not_paid_has_no_shipment_to_speak_of() -> None:
    order = make_order({"MUG-01": 1})

    with pytest.raises(NotFound, match="no shipment"):
        WAREHOUSE.request_cancellation(order.number)


def test_it_lists_nothing_of_its_own() -> None:
    make_charged_order()

    assert list(WAREHOUSE.changed_since(timezone.now())) == []
