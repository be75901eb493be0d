"""Exchanges in several parcels: each counted, mailed and labelled; a rest dropped."""

import uuid
from dataclasses import replace

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from checkout.aftersales import exchanges
from checkout.mail import outbox
from checkout.mail.models import OrderMail
from checkout.paper.exchange_slips import make_exchange_slips
from checkout.paper.kinds import PaperKind
from checkout.payments.fake.gateway import FakeGateway
from flows.stock_take.counting import on_shelf
from orders.exchange_errors import (
    ExchangeMoved,
    NotDueAgain,
)
from orders.models import Exchange, Order, Parcel, ReturnLine, Shipment
from orders.parcels import Units, due_again
from tests.backoffice.answers import text_of
from tests.saga.tables import dump
from tests.support.ordering import counters
from tests.support.pickups import PLACE
from tests.support.refunding import make_charged_order
from tests.support.returns import arrive, make_sent_order, register
from tests.support.shortages import assert_books_agree
from tests.support.staff import make_staff
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway) -> None:
    """Use the fake provider in every test."""


def begun(order: Order | None = None) -> Exchange:
    """Return the exchange of three mugs, one of which was scrapped."""
    returned = register(order or make_sent_order({"MUG-01": 3}))
    arrive(returned, restocked=2, scrapped=1)
    exchange = exchanges.begin(returned, "ken")
    assert exchange
    return exchange


def some(exchange: Exchange, count: int) -> list[Units]:
    return [replace(each, quantity=count) for each in due_again(exchange)]


def send(
    exchange: Exchange, count: int | None = None, number: str = "40-1"
) -> Parcel | None:
    return exchanges.send(
        exchange,
        carrier="yamato",
        tracking_number=number,
        actor="ken",
        items=None if count is None else some(exchange, count),
    )


def line() -> dict[str, int]:
    """Return how many units are to be sent again, and how many have left."""
    row = ReturnLine.objects.get()
    return {"exchanged": row.exchanged, "resent": row.resent}


def mails() -> list[tuple[str, str]]:
    """Return subject and text of the mails about what was sent, the first first."""
    found = []
    for row in OrderMail.objects.filter(kind="return_sent").order_by("pk"):
        outbox.send(row.pk)
        found.append((str(mail.outbox[-1].subject), str(mail.outbox[-1].body)))
    return found


def test_each_parcel_is_recorded_and_mailed_and_the_last_closes_the_return() -> None:
    exchange = begun()
    returned = exchange.returned

    first = send(exchange, 1)
    exchange.refresh_from_db()
    returned.refresh_from_db()
    assert first
    assert (first.number, exchange.status, returned.status) == (
        1,
        "requested",
        "exchange",
    )
    assert exchange.is_partly_sent
    assert exchange.state_text == "partly sent"
    assert line() == {"exchanged": 3, "resent": 1}
    shelf = on_shelf(["MUG-01"])["MUG-01"]
    assert shelf == counters()[0] + 2, "two of them lie there still"

    second = send(exchange, number="40-2")
    returned.refresh_from_db()
    assert second
    assert (second.number, exchange.status, returned.status) == (2, "sent", "closed")
    assert line() == {"exchanged": 3, "resent": 3}
    assert send(exchange) is None
    assert Parcel.objects.filter(exchange=exchange).count() == 2
    names = list(returned.order.events.values_list("name", flat=True))
    assert names.count("exchange_parcel") == 2
    assert names.count("exchange_sent") == 1
    assert_books_agree()


def test_each_mail_says_what_is_in_its_parcel_and_what_follows() -> None:
    exchange = begun()
    send(exchange, 1)
    ((subject, text),) = mails()
    assert subject.startswith("Part of your exchange for order")
    assert "The rest follows in another parcel" in text
    assert "In parcel 1:" in text
    assert "Still to come:" in text
    assert "40-1" in text

    send(exchange, number="40-2")
    (subject, text) = mails()[-1]
    assert subject.startswith("Your exchange for order")
    assert "the last parcel of your exchange is on its way" in text
    assert "In parcel 2:" in text
    assert "Still to come:" not in text


def test_no_more_is_sent_than_is_left_and_an_empty_parcel_is_none() -> None:
    exchange = begun()
    send(exchange, 2)
    before = dump()

    for count in (2, 0):
        with pytest.raises(NotDueAgain):
            send(Exchange.objects.get(), count)

    assert dump() == before


def test_a_form_sent_twice_is_one_parcel() -> None:
    exchange, uid = begun(), uuid.uuid4()

    sent = [
        exchanges.send(
            exchange,
            carrier="yamato",
            tracking_number="40-1",
            actor="ken",
            items=some(exchange, 1),
            uid=uid,
        )
        for _press in range(2)
    ]

    assert [parcel is not None for parcel in sent] == [True, False]
    assert line() == {"exchanged": 3, "resent": 1}


def test_the_rest_is_dropped_and_what_left_stays_sent() -> None:
    exchange = begun()
    send(exchange, 1)
    before = counters()[0]

    assert exchanges.drop(exchange, "ken")
    assert not exchanges.drop(exchange, "ken")

    returned = exchange.returned
    returned.refresh_from_db()
    assert (exchange.status, returned.status) == ("sent", "received")
    assert line() == {"exchanged": 1, "resent": 1}
    assert returned.has_rest
    assert counters()[0] == before + 2
    assert_books_agree()
    with pytest.raises(ExchangeMoved):
        exchanges.make_ready(exchange, "ken")


def test_what_left_whole_is_not_dropped() -> None:
    exchange = begun()
    send(exchange)
    before = dump()

    with pytest.raises(ExchangeMoved):
        exchanges.drop(exchange, "ken")

    assert dump() == before


@pytest.mark.django_db(transaction=True)
def test_two_packers_at_once_send_no_unit_twice() -> None:
    exchange = begun()

    answers = run_together(
        [1, 2, 3, 4], lambda n: send(Exchange.objects.get(), 1, f"40-{n}")
    )

    # Once all three have left, the fourth parcel was sent before or is refused.
    assert all(isinstance(each, NotDueAgain) for each in exceptions_in(answers))
    assert line() == {"exchanged": 3, "resent": 3}
    assert Parcel.objects.filter(exchange=exchange).count() == 3


def test_a_parcel_belongs_to_one_of_both() -> None:
    exchange = begun()
    shipment = Shipment.objects.get()

    for of in ({}, {"shipment": shipment, "exchange": exchange}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Parcel.objects.create(number=9, **of)


def test_a_slip_names_its_parcel() -> None:
    exchange = begun()
    assert len(make_exchange_slips(PaperKind.PACKING_SLIP, exchange)) == 1
    send(exchange, 1)

    (rest,) = make_exchange_slips(PaperKind.PACKING_SLIP, Exchange.objects.get())
    assert [each.quantity for each in rest.lines] == [2]
    assert "2 of 2" in [fact.value for fact in rest.facts]
    send(exchange)
    slips = make_exchange_slips(PaperKind.PACKING_SLIP, Exchange.objects.get())
    assert [slip.lines[0].quantity for slip in slips] == [1, 2]


def test_what_is_picked_up_in_parts_lies_ready_twice() -> None:
    order = make_sent_order({"MUG-01": 3})
    Order.objects.filter(pk=order.pk).update(**PLACE)
    exchange = begun(Order.objects.get(pk=order.pk))
    exchanges.make_ready(exchange, "ken")
    exchanges.send(
        exchange, carrier="", tracking_number="", actor="ken", items=some(exchange, 1)
    )

    assert exchanges.make_ready(exchange, "ken")

    ready = OrderMail.objects.filter(kind="return_ready").order_by("pk")
    assert ready.count() == 2
    outbox.send(ready[1].pk)
    told = str(mail.outbox[-1].body)
    assert "\N{MULTIPLICATION SIGN} 2\n" in told, "one of three was picked up"
    assert exchange.parcels.get().delivered_at


def test_staff_send_parts_on_the_page_of_the_return_and_customers_read_it() -> None:
    clerk, exchange = Client(), begun()
    clerk.force_login(make_staff("view_order", "handle_return", "correct_order"))
    page = reverse("admin:orders_return_act", args=[exchange.returned_id, "sent"])
    (units,) = due_again(exchange)
    field = f"units_{units.line.pk}_0"
    assert f'name="{field}"' in clerk.get(page).content.decode()
    sent = {"carrier": "yamato", "uid": str(uuid.uuid4())}

    for _press in range(2):
        clerk.post(page, {**sent, "tracking_number": "40-1", field: "1"})

    assert line()["resent"] == 1
    customers = reverse("checkout:order", args=[exchange.order.uid])
    shown = text_of(Client().get(customers))
    assert "Part of your exchange is on its way" in shown
    assert "Parcel 1" in shown
    clerk.post(page, {**sent, "uid": str(uuid.uuid4()), "tracking_number": "40-2"})
    shown = text_of(Client().get(customers))
    assert "Your exchange is on its way" in shown
    for number in ("40-1", "40-2"):
        assert number in shown
    staff_page = reverse("admin:orders_return_change", args=[exchange.returned_id])
    listed = clerk.get(staff_page).content.decode()
    for which in (1, 2):
        keys = [exchange.order.pk, exchange.number, which]
        link = reverse("admin:orders_order_exchange_tracking", args=keys)
        assert link in listed


def test_the_parcels_of_an_exchange_are_not_those_of_the_order() -> None:
    exchange = begun()
    send(exchange, 1)
    other = make_charged_order()

    assert exchange.order.shipment.parcels.count() == 1
    assert exchange.order.shipment.parcel_count == 1
    assert not Parcel.objects.filter(shipment__order=other).exists()
