"""An order that is picked up: it lies ready, and is handed over to its customer."""

import pytest
from django.core import mail as sent_mails
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.aftersales import dispatch
from checkout.aftersales.dispatch_errors import NotShippable, PickedUp
from checkout.mail import outbox
from checkout.mail.models import OrderMail
from orders import transitions
from orders.errors import IllegalMove
from orders.models import Order, OrderEvent, Parcel, Payment, Shipment
from saga.engine import run
from saga.models import Saga
from tests.support.invariants import assert_invariants
from tests.support.ordering import place
from tests.support.parcels import send, units_of
from tests.support.pickups import PLACE, make_pickup_order
from tests.support.shopping import text_of
from tests.support.threads import exceptions_in, run_together
from tests.support.warehouse import FakeWarehouse

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]


def hand_over(order: Order, units: dict[str, int] | None = None) -> Parcel | None:
    items = units_of(order, units) if units else None
    return dispatch.ship(
        order, carrier="", tracking_number="", actor="yuki", items=items
    )


def ready_since(order: Order) -> object:
    return Shipment.objects.get(order=order).pickup_ready_at


def mailed(kind: str) -> sent_mails.EmailMultiAlternatives:
    """Send the newest mail of this kind. Return it."""
    sent_mails.outbox.clear()
    outbox.send(OrderMail.objects.filter(kind=kind).latest("pk").pk)
    [mail] = sent_mails.outbox
    assert isinstance(mail, sent_mails.EmailMultiAlternatives)
    return mail


def page_of(order: Order, language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    return text_of(client.get(f"/orders/{order.uid}/"))


def test_it_lies_ready_once_and_its_customer_is_told_where_and_when() -> None:
    order = make_pickup_order()

    assert dispatch.make_ready(order, "yuki") is True
    assert dispatch.make_ready(order, "ken") is False

    assert ready_since(order)
    event = order.events.get(name="pickup_ready")
    assert event.data == {"actor": "yuki"}
    assert OrderMail.objects.filter(kind="pickup_ready").count() == 1
    mail = mailed("pickup_ready")
    assert mail.subject == (
        f"Your order {order.number} is ready to pick up – Minato TV Shop"  # noqa: RUF001
    )
    for body in (str(mail.body), str(mail.alternatives[0][0])):
        assert "Minato" in body
        assert "1-2-3 Minato, Tokyo" in body
        assert "10:00 to 19:00" in body
        assert f"Please bring the order number: {order.number}" in body
    assert "Your order is ready to pick up" in page_of(order)
    assert "お受け取りの準備ができました" in page_of(order, "ja")


def test_handed_over_it_is_shipped_and_delivered() -> None:
    order = make_pickup_order()
    dispatch.make_ready(order, "yuki")

    parcel = hand_over(order)

    assert parcel is not None
    assert parcel.delivered_at is not None
    assert (parcel.carrier, parcel.tracking_number) == ("", "")
    order.refresh_from_db()
    assert order.status == Order.Status.SHIPPED
    assert ready_since(order) is None
    names = set(OrderEvent.objects.values_list("name", flat=True))
    assert "picked_up" in names
    assert "parcel_dispatched" not in names
    assert hand_over(order) is None
    assert_invariants()
    page = page_of(order)
    assert "You have picked up your order" in page
    assert "on its way" not in page
    assert "Shipped on" not in page
    mail = mailed("shipped")
    assert mail.subject.startswith(f"You have picked up order {order.number}")
    for body in (str(mail.body), str(mail.alternatives[0][0])):
        assert "picked up your order" in body
        assert "on its way" not in body
        assert "Carrier" not in body


def test_a_part_may_be_handed_over_and_the_rest_lies_ready_later() -> None:
    order = make_pickup_order({"MUG-01": 2})
    dispatch.make_ready(order, "yuki")
    hand_over(order, {"MUG-01": 1})
    assert ready_since(order) is None
    mail = mailed("shipped")
    assert "We mail you when the rest is ready." in mail.body

    assert dispatch.make_ready(order, "yuki") is True

    assert OrderMail.objects.filter(kind="pickup_ready").count() == 2
    hand_over(order)
    order.refresh_from_db()
    assert order.status == Order.Status.SHIPPED


def test_it_gets_no_label() -> None:
    order = make_pickup_order()
    with pytest.raises(PickedUp) as refused:
        send(order)
    assert "hand it over to its customer" in refused.value.sentence
    assert not Parcel.objects.exists()
    assert Shipment.objects.get().parcel_count == 0


@pytest.mark.parametrize("state", ["sent", "refunded", "held back", "shipped"])
def test_what_is_not_to_be_handed_over_does_not_lie_ready(state: str) -> None:
    order = make_pickup_order()
    if state == "sent":
        Order.objects.update(pickup_place="")
    elif state == "refunded":
        Payment.objects.update(refunded_minor=Payment.objects.get().captured_minor)
    elif state == "held back":
        transitions.hold_back(order)
    else:
        hand_over(order)
    order = Order.objects.get()

    with pytest.raises(NotShippable):
        dispatch.make_ready(order, "yuki")

    assert ready_since(order) is None
    assert not OrderMail.objects.filter(kind="pickup_ready").exists()
    if state != "refunded":
        with pytest.raises(IllegalMove):
            transitions.make_ready(order, "yuki")


def test_goods_found_missing_end_it_and_the_mail_is_not_sent() -> None:
    order = make_pickup_order()
    dispatch.make_ready(order, "yuki")

    transitions.hold_back(order)

    assert ready_since(order) is None
    sent_mails.outbox.clear()
    row = OrderMail.objects.get(kind="pickup_ready")
    outbox.send(row.pk)
    row.refresh_from_db()
    assert row.state == OrderMail.State.DROPPED
    assert sent_mails.outbox == []


def test_the_database_refuses_what_lies_ready_and_has_left() -> None:
    order = make_pickup_order()
    dispatch.make_ready(order, "yuki")
    with pytest.raises(IntegrityError), transaction.atomic():
        Shipment.objects.update(status="held_back")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_tells_the_customer() -> None:
    order = make_pickup_order()

    def act(_number: int) -> bool:
        return dispatch.make_ready(Order.objects.get(pk=order.pk), "yuki")

    answers = run_together(range(4), act)

    assert not exceptions_in(answers)
    assert sorted(map(bool, answers)) == [False, False, False, True]
    assert OrderMail.objects.filter(kind="pickup_ready").count() == 1


def test_a_warehouse_is_not_asked_for_it(warehouse: FakeWarehouse) -> None:

    order, saga = place(units={"MUG-01": 1})
    Order.objects.update(**PLACE)
    run(saga.pk)

    assert not Saga.objects.filter(definition="shipping").exists()
    assert warehouse.calls == []
    order = Order.objects.get()
    assert dispatch.make_ready(order, "yuki") is True
    assert hand_over(order) is not None


def test_where_the_card_is_charged_later_it_is_charged_before_it_lies_ready(
    settings: Settings,
) -> None:
    settings.CAPTURE = "shipment"
    order, saga = place(units={"MUG-01": 1})
    Order.objects.update(**PLACE)
    run(saga.pk)
    order.refresh_from_db()
    assert "charged when your order is ready to pick up" in page_of(order)
    assert "ready to pick up; until then nothing is charged" in mailed("received").body
    with pytest.raises(NotShippable):
        dispatch.make_ready(order, "yuki")

    dispatch.release(order, "yuki")
    run(saga.pk)

    assert Payment.objects.get().captured_minor == order.total_minor
    order = Order.objects.get()
    assert dispatch.make_ready(order, "yuki") is True
    assert hand_over(order) is not None
