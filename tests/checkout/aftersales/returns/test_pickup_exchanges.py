"""The exchange of an order that is picked up is picked up again."""

import pytest
from django.core import mail as sent_mails
from django.test import Client
from django.urls import reverse

from checkout.aftersales import dispatch, exchanges
from checkout.mail import outbox
from checkout.mail.models import OrderMail
from orders.exchange_errors import ExchangeMoved
from orders.models import Exchange, Order
from tests.support.pickups import make_pickup_order
from tests.support.returns import arrive, make_sent_order, register
from tests.support.shopping import text_of
from tests.support.staff import make_staff

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]


def to_pick_up() -> Exchange:
    """Return the exchange of an order that was picked up in Minato."""
    order = make_pickup_order()
    dispatch.ship(order, carrier="", tracking_number="", actor="yuki")
    returned = register(Order.objects.get(pk=order.pk))
    arrive(returned, scrapped=2)
    exchange = exchanges.begin(returned, "ken")
    assert exchange
    return exchange


def mailed(kind: str) -> str:
    sent_mails.outbox.clear()
    outbox.send(OrderMail.objects.filter(kind=kind).latest("pk").pk)
    [mail] = sent_mails.outbox
    return f"{mail.subject}\n{mail.body}"


def page_of(order: Order, language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    return text_of(client.get(f"/orders/{order.uid}/"))


def test_it_lies_ready_once_and_is_handed_over_without_a_label() -> None:
    exchange = to_pick_up()
    order = exchange.order
    assert "mail you when they are ready" in mailed("return_exchanged")
    assert "We prepare your items again" in page_of(order)

    assert exchanges.make_ready(exchange, "yuki")
    assert not exchanges.make_ready(exchange, "ken")
    mail = mailed("return_ready")
    assert "is ready to pick up" in mail
    assert "1-2-3 Minato, Tokyo" in mail
    assert f"Please bring the order number: {order.number}" in mail
    assert "Your exchange is ready to pick up" in page_of(order)
    assert "交換品のお受け取りの準備ができました" in page_of(order, "ja")

    exchanges.send(exchange, carrier="", tracking_number="", actor="yuki")
    exchange.refresh_from_db()
    assert exchange.parcels.get().delivered_at
    assert exchange.pickup_ready_at is None
    assert "picked up your exchange" in mailed("return_sent")
    assert "You picked up the items in exchange on" in page_of(order)
    with pytest.raises(ExchangeMoved):
        exchanges.make_ready(exchange, "yuki")


def test_what_a_carrier_brings_does_not_lie_ready() -> None:
    returned = register(make_sent_order())
    arrive(returned)
    exchange = exchanges.begin(returned, "ken")
    assert exchange

    with pytest.raises(ExchangeMoved):
        exchanges.make_ready(exchange, "yuki")


def test_staff_do_both_on_the_pages_of_the_return() -> None:
    clerk, exchange = Client(), to_pick_up()
    clerk.force_login(make_staff("view_order", "handle_return"))

    def page(name: str) -> str:
        return reverse("admin:orders_return_act", args=[exchange.returned_id, name])

    assert "lie ready at Minato" in text_of(clerk.get(page("ready")))
    clerk.post(page("ready"))
    assert "carrier" not in clerk.get(page("sent")).content.decode()
    clerk.post(page("sent"))

    exchange.refresh_from_db()
    assert (exchange.status, exchange.parcels.get().carrier) == ("sent", "")
