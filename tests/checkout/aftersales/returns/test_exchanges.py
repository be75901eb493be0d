"""Exchanges: what came back is sent again at no charge, once, from the stock."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from checkout.aftersales import exchanges
from checkout.aftersales.exchanges import exchange_of
from checkout.aftersales.returns import refunds, services
from checkout.payments.fake.gateway import FakeGateway
from inventory.errors import OutOfStock
from inventory.models import Movement
from inventory.services import adjust
from orders.errors import ReturnMoved
from orders.exchange_errors import (
    ExchangeMoved,
    NothingToExchange,
)
from orders.models import OrderLine, Refund, Return
from tests.backoffice.answers import messages
from tests.saga.tables import dump
from tests.support.ordering import counters
from tests.support.parcels import send as send_parcel
from tests.support.refunding import wish as refund_wish
from tests.support.returns import arrive, make_sent_order, register
from tests.support.shortages import assert_books_agree, substituted
from tests.support.staff import make_staff
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway) -> None:
    """Use the fake provider in every test."""


@pytest.fixture
def clerk(db: None) -> Client:
    client = Client()
    client.force_login(make_staff("view_order", "handle_return"))
    return client


def arrived(**units: int) -> Return:
    """Return a return of two mugs; eight are in stock, and those that were kept."""
    returned = register(make_sent_order())
    arrive(returned, **(units or {"scrapped": 2}))
    return returned


def send(returned: Return) -> bool:
    parcel = exchanges.send(
        exchange_of(returned), carrier="yamato", tracking_number="4912-1", actor="ken"
    )
    returned.refresh_from_db()
    return parcel is not None


def line() -> tuple[int, int]:
    """Return the units of the only line in returns, and those back in stock."""
    (found,) = OrderLine.objects.values_list("returned", "restocked")
    return found


def act_page(returned: Return, name: str) -> str:
    return reverse("admin:orders_return_act", args=[returned.pk, name])


def text_of(client: Client, url: str) -> str:
    page = client.get(url).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_goods_leave_the_stock_once_and_nothing_is_charged(
    gateway: FakeGateway,
) -> None:
    returned = arrived()
    assert (counters(), line()) == ((8, 0), (2, 0))

    assert exchanges.begin(returned, "ken")
    before = dump()
    assert not exchanges.begin(returned, "ken")
    assert dump() == before
    assert (counters(), line()) == ((6, 0), (0, 0))

    assert send(returned)
    assert not send(returned)
    assert (returned.status, returned.closed_by) == ("closed", "ken")
    name = f"{returned.order.number} exchange {returned.pk}-1"
    moved = Movement.objects.filter(reference=name)
    assert list(moved.values_list("kind", "quantity")) == [("ship_out", -2)]
    assert not Refund.objects.exists()
    assert len(gateway.intents) == 1
    assert_books_agree()


def test_what_was_put_into_stock_is_taken_from_it_again() -> None:
    returned = arrived(restocked=1, scrapped=1)

    exchanges.begin(returned, "ken")

    assert (counters(), line()) == ((7, 0), (0, 0))
    assert_books_agree()


def test_an_exchanged_item_may_come_back_as_well() -> None:
    returned = arrived()
    exchanges.begin(returned, "ken")
    send(returned)

    arrive(register(returned.order))

    assert (counters(), line()) == ((8, 0), (0, 2))
    assert_books_agree()


def test_without_stock_nothing_is_changed() -> None:
    returned = arrived()
    adjust("MUG-01", -7, "count-1", "counted", "ken")
    before = dump()

    with pytest.raises(OutOfStock):
        exchanges.begin(Return.objects.get(pk=returned.pk), "ken")

    assert dump() == before


def test_what_is_sent_back_is_not_exchanged() -> None:
    returned = arrived(sent_back=2)
    before = dump()

    with pytest.raises(NothingToExchange):
        exchanges.begin(returned, "ken")

    assert dump() == before


def test_a_dropped_exchange_is_back_in_stock_and_may_be_made_again() -> None:
    returned = arrived(restocked=1, scrapped=1)
    exchanges.begin(returned, "ken")

    exchange = exchange_of(returned)
    assert exchanges.drop(exchange, "ken")
    assert not exchanges.drop(exchange, "ken")
    returned.refresh_from_db()
    assert (counters(), line()) == ((9, 0), (1, 1))
    assert returned.status == Return.Status.RECEIVED
    assert_books_agree()

    exchanges.begin(returned, "ken")
    assert counters() == (7, 0)
    assert_books_agree()


def test_what_was_sent_is_not_dropped() -> None:
    returned = arrived()
    exchanges.begin(returned, "ken")
    send(returned)

    with pytest.raises(ExchangeMoved):
        exchanges.drop(exchange_of(returned), "ken")


def test_units_in_another_return_are_not_taken_back_by_dropping() -> None:
    returned = arrived()
    exchanges.begin(returned, "ken")
    register(returned.order)
    before = dump()

    with pytest.raises(ReturnMoved):
        exchanges.drop(exchange_of(returned), "ken")

    assert dump() == before


def test_the_substitute_is_sent_again_from_its_own_shelf() -> None:
    order = substituted().order
    send_parcel(order)
    order.refresh_from_db()
    returned = register(order, {"CUP-01": 1})
    arrive(returned, scrapped=1)
    assert counters("CUP-01") == (4, 0)

    exchanges.begin(returned, "ken")

    assert counters("CUP-01") == (3, 0)
    assert_books_agree()


def test_a_return_is_exchanged_or_refunded_and_never_both() -> None:
    returned = arrived()
    exchanges.begin(returned, "ken")
    before = dump()

    with pytest.raises(ReturnMoved):
        refunds.refund(returned.order, refund_wish(returned.order, 3600), returned)
    with pytest.raises(ReturnMoved):
        services.close(returned, "ken", "no")

    assert dump() == before


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_take_the_goods_once() -> None:
    returned = arrived()

    answers = run_together(
        [1, 2],
        lambda _n: exchanges.begin(Return.objects.get(pk=returned.pk), "ken"),
    )

    assert not exceptions_in(answers)
    assert sum(answer is None for answer in answers) == 1
    assert counters() == (6, 0)
    assert_books_agree()


def test_staff_send_it_on_the_pages_of_the_return(clerk: Client) -> None:
    returned = arrived()
    order = returned.order
    orders_page = reverse("checkout:order", args=[order.uid])
    page = text_of(clerk, act_page(returned, "exchange"))
    assert "Will take 2 x MUG-01 from stock, to be sent at no charge." in page
    wanted = {f"again_{returned.lines.get().pk}": "2"}
    for _press in range(2):
        clerk.post(act_page(returned, "exchange"), wanted)
    assert "1 exchange is to be sent" in text_of(clerk, reverse("admin:index"))
    assert "You can ask to return" not in text_of(Client(), orders_page)

    wrong = {"carrier": "yamato", "tracking_number": "12 34!"}
    assert clerk.post(act_page(returned, "sent"), wrong).status_code == 422
    label = {"carrier": "yamato", "tracking_number": "4912-1"}
    for _press in range(2):
        clerk.post(act_page(returned, "sent"), label)

    returned.refresh_from_db()
    assert returned.status == "closed"
    assert exchange_of(returned).parcels.get().tracking_number == "4912-1"
    assert counters() == (6, 0)
    assert "to be sent" not in text_of(clerk, reverse("admin:index"))
    customer = text_of(Client(), orders_page)
    assert "You can ask to return" in customer
    assert "We sent the items in exchange on" in customer
    assert "4912-1" in customer


def test_staff_read_that_the_stock_lacks_the_goods(clerk: Client) -> None:
    returned = arrived()
    adjust("MUG-01", -7, "count-1", "counted", "ken")
    assert "MUG-01: only 1 are free." in text_of(clerk, act_page(returned, "exchange"))

    wanted = {f"again_{returned.lines.get().pk}": "2"}
    answer = clerk.post(act_page(returned, "exchange"), wanted, follow=True)

    assert "MUG-01: only 1 are free. Nothing was changed." in messages(answer)[-1]
    assert counters() == (1, 0)


def test_staff_drop_it_on_its_page(clerk: Client) -> None:
    returned = arrived(restocked=2)
    exchanges.begin(returned, "ken")

    clerk.post(act_page(returned, "drop"), {})

    returned.refresh_from_db()
    assert returned.status == Return.Status.RECEIVED
    assert counters() == (10, 0)
