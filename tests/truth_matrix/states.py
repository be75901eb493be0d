"""How an order gets into each cell of the table, by the acts of customers and staff."""

from collections.abc import Callable

from pytest_django.fixtures import Settings

from checkout.aftersales import dispatch
from checkout.aftersales.disputes.services import read
from checkout.aftersales.refunds.services import settle
from checkout.aftersales.shortages import services as shortages
from checkout.payments.fake.gateway import VOUCHER, FakeGateway
from checkout.payments.refunds_and_disputes import DisputeStatus, RefundStatus
from orders.models import Order, Payment, Shortage
from orders.transitions import disputes
from saga.engine import run
from shop import database_clock
from tests.support.ordering import place
from tests.support.pickups import make_pickup_order
from tests.support.refunding import MUG, make_charged_order, make_refund
from tests.support.shortages import decide, report
from tests.truth_matrix.table import Money, Parcel

PART = 1000


def reach(
    parcel: Parcel, money: Money, gateway: FakeGateway, settings: Settings
) -> Order:
    """Return an order that is in this cell."""
    if parcel is Parcel.NONE:
        return _before_the_shipment(money, settings)
    is_pickup = parcel in _AT_A_PLACE
    order = make_pickup_order(MUG) if is_pickup else make_charged_order(MUG)
    _MOVES[parcel](order)
    order = Order.objects.select_related("payment").get()
    _pay_back(order, money, gateway)
    return Order.objects.select_related("payment").get()


def _before_the_shipment(money: Money, settings: Settings) -> Order:
    settings.PAYMENT_METHODS = ["card", "konbini"]
    if money is Money.APPROVED:
        settings.CAPTURE = "shipment"
    if money is Money.UNPAID:
        _order, saga = place(units=MUG, token=VOUCHER)
    else:
        _order, saga = place(units=MUG)
    run(saga.pk)
    return Order.objects.select_related("payment").get()


def _stay(_order: Order) -> None:
    """Leave the parcel where it is: to be packed."""


def _make_ready(order: Order) -> None:
    dispatch.make_ready(order, "ken")


def _hand_over(order: Order) -> None:
    dispatch.ship(order, carrier="", tracking_number="", actor="ken")


def _hold_back(order: Order) -> None:
    shortages.record(order, report(order, {"MUG-01": 1}), shelf_is_empty=False)


def _dispatch(order: Order) -> None:
    dispatch.ship(order, carrier="yamato", tracking_number="1", actor="ken")


def _call_off(order: Order) -> None:
    _hold_back(order)
    decide(order.shortages.get(), Shortage.Choice.CANCEL)


_MOVES: dict[Parcel, Callable[[Order], None]] = {
    Parcel.REQUESTED: _stay,
    Parcel.HELD_BACK: _hold_back,
    Parcel.DISPATCHED: _dispatch,
    Parcel.CALLED_OFF: _call_off,
    Parcel.PREPARED: _stay,
    Parcel.LIES_READY: _make_ready,
    Parcel.PICKED_UP: _hand_over,
}
_AT_A_PLACE = (Parcel.PREPARED, Parcel.LIES_READY, Parcel.PICKED_UP)


def _pay_back(order: Order, money: Money, gateway: FakeGateway) -> None:
    whole = Payment.objects.get(order=order).captured_minor
    match money:
        case Money.PART:
            settle(make_refund(order, PART).pk)
        case Money.REFUNDED:
            settle(make_refund(order, whole).pk)
        case Money.UNDER_WAY:
            gateway.next_refund = RefundStatus.PENDING
            settle(make_refund(order, whole).pk)
        case Money.FAILED:
            gateway.next_refund = RefundStatus.FAILED
            settle(make_refund(order, whole).pk)
        case Money.DISPUTED:
            name = gateway.open_dispute(order.payment.intent_id or "")
            gateway.decide_dispute(name, DisputeStatus.NEEDS_RESPONSE)
            read(disputes.report(name, database_clock.read()).pk)
