"""Orders and exchanges are packed by one person each, and lie ready once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from orders import transitions
from orders.errors import (
    BeingPacked,
    IllegalMove,
)
from orders.exchange_errors import ExchangeMoved
from orders.models import Exchange, Order, OrderEvent, Shipment
from orders.transitions import exchanges
from shop.database_clock import Now
from tests.orders import acts
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@dataclass(frozen=True)
class Kind:
    """What is packed: its states, its moves, and the errors that refuse them."""

    waiting: Callable[[Order], None]
    gone: Callable[[Order], None]
    for_pickup: Callable[[Order], None]
    row: Callable[[Order], Any]
    start: Callable[..., bool]
    stop: Callable[..., bool]
    make_ready: Callable[..., object]
    refusal: type[Exception]


def shipment(order: Order) -> Shipment:
    return Shipment.objects.get(order=order)


ORDER = Kind(
    waiting=acts.confirmed,
    gone=acts.sent,
    for_pickup=acts.for_pickup,
    row=shipment,
    start=transitions.start_packing,
    stop=transitions.stop_packing,
    make_ready=transitions.make_ready,
    refusal=IllegalMove,
)
EXCHANGE = Kind(
    waiting=acts.exchange,
    gone=acts.exchanged,
    for_pickup=acts.exchange_for_pickup,
    row=acts.again,
    start=lambda order, *args, **more: exchanges.start_packing(
        acts.again(order), *args, **more
    ),
    stop=lambda order, actor: exchanges.stop_packing(acts.again(order), actor),
    make_ready=lambda order, actor: exchanges.make_ready(acts.again(order), actor),
    refusal=ExchangeMoved,
)
both = pytest.mark.parametrize("kind", [ORDER, EXCHANGE], ids=["order", "exchange"])


def brought_to(state: Callable[[Order], None]) -> Order:
    order = make_order()
    state(order)
    return Order.objects.get(pk=order.pk)


def claimed(kind: Kind, order: Order) -> tuple[str, bool]:
    row = kind.row(order)
    return row.packer, row.packing_since is not None


@both
def test_one_person_packs_it_until_it_is_given_back_or_taken_over(kind: Kind) -> None:
    order = brought_to(kind.waiting)

    assert kind.start(order, "mio") is True
    assert kind.start(order, "mio") is False
    with pytest.raises(BeingPacked) as refusal:
        kind.start(order, "ken")
    assert str(refusal.value).startswith(order.number)
    assert refusal.value.packer == "mio"
    assert claimed(kind, order) == ("mio", True)

    assert kind.start(order, "ken", take_over=True) is True
    assert kind.start(order, "ken", take_over=True) is False
    assert kind.stop(order, "mio") is False
    assert claimed(kind, order) == ("ken", True)

    assert kind.stop(order, "ken") is True
    assert claimed(kind, order) == ("", False)


@both
def test_a_claim_that_expired_is_anybodys(kind: Kind) -> None:
    order = brought_to(kind.waiting)
    kind.start(order, "mio")
    row = kind.row(order)
    lasting = timedelta(minutes=settings.PACKING_CLAIM_MINUTES)
    type(row).objects.update(packing_since=Now(-lasting - timedelta(minutes=1)))

    assert kind.start(order, "ken") is True

    row.refresh_from_db()
    assert row.packer == "ken"
    with pytest.raises(BeingPacked):
        kind.start(order, "mio")


@both
def test_what_has_left_is_not_packed_and_does_not_lie_ready(kind: Kind) -> None:
    order = brought_to(kind.gone)

    for act in (kind.start, kind.make_ready):
        with pytest.raises(kind.refusal):
            act(order, "mio")
    with pytest.raises(kind.refusal):
        kind.start(order, "mio", take_over=True)


@both
def test_what_is_sent_does_not_lie_ready(kind: Kind) -> None:
    order = brought_to(kind.waiting)

    with pytest.raises(kind.refusal) as refusal:
        kind.make_ready(order, "mio")

    if isinstance(refusal.value, IllegalMove):
        assert refusal.value.row == order
        assert refusal.value.to == "ready to be picked up"
    assert kind.row(order).pickup_ready_at is None


@both
def test_it_lies_ready_once_and_is_packed_by_nobody(kind: Kind) -> None:
    order = brought_to(kind.for_pickup)
    kind.start(order, "mio")

    assert kind.make_ready(order, "ken")
    assert not kind.make_ready(order, "aki")

    assert kind.row(order).pickup_ready_at is not None
    assert claimed(kind, order) == ("", False)
    event = OrderEvent.objects.get(name=OrderEvent.Name.PICKUP_READY)
    who = event.data.get("actor") or event.data.get("by")
    assert who == "ken"


def test_an_exchange_that_is_picked_up_is_delivered_as_it_is_handed_over() -> None:
    exchange = acts.again(brought_to(acts.exchange_for_pickup))
    exchanges.make_ready(exchange, "mio")
    exchanges.start_packing(exchange, "mio")

    exchanges.send(exchange, carrier="", tracking_number="", actor="mio")

    assert exchange.parcels.get().delivered_at is not None
    exchange.refresh_from_db()
    assert (exchange.pickup_ready_at, exchange.packer) == (None, "")


def test_an_exchange_is_delivered_after_it_was_sent_and_once() -> None:
    order = brought_to(acts.exchange)
    waiting: Exchange = acts.again(order)
    assert exchanges.deliver(waiting, acts.SOON) == 0

    exchanges.send(waiting, carrier="yamato", tracking_number="7", actor="mio")
    assert waiting.parcels.get().delivered_at is None
    event = OrderEvent.objects.get(name=OrderEvent.Name.EXCHANGE_SENT)
    sent = {"carrier": "yamato", "tracking_number": "7", "by": "mio"}
    assert event.data.items() >= sent.items()

    assert exchanges.deliver(waiting, acts.SOON) == 1
    assert exchanges.deliver(waiting, acts.SOON) == 0
    assert waiting.parcels.get().delivered_at == acts.SOON


def test_it_lies_ready_once_more_after_goods_were_found_missing() -> None:
    order = brought_to(acts.for_pickup)
    assert transitions.make_ready(order, "mio") == 1
    transitions.hold_back(order)
    transitions.send_on(order)

    assert transitions.make_ready(order, "mio") == 2

    events = OrderEvent.objects.filter(name=OrderEvent.Name.PICKUP_READY)
    assert set(events.values_list("key", flat=True)) == {"1", "2"}
