"""A return of which some units are sent again and the price of others is refunded."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from checkout.aftersales import exchanges
from checkout.aftersales.returns import refunds, services
from checkout.payments.fake.gateway import FakeGateway
from orders.errors import ReturnMoved
from orders.exchange_errors import (
    NothingToExchange,
    TooManyExchanged,
)
from orders.models import Exchange, OrderLine, Return
from tests.saga.tables import dump
from tests.support.ordering import counters
from tests.support.refunding import wish as refund_wish
from tests.support.returns import arrive, make_sent_order, register
from tests.support.shopping import text_of
from tests.support.shortages import assert_books_agree
from tests.support.staff import make_staff

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]


def mixed(**units: int) -> tuple[Return, Exchange]:
    """Return a return of three mugs, of which one is to be sent again."""
    returned = register(make_sent_order({"MUG-01": 3}))
    arrive(returned, **(units or {"restocked": 3}))
    exchange = exchanges.begin(returned, "ken", {returned.lines.get().pk: 1})
    assert exchange
    return returned, exchange


def send(exchange: Exchange) -> bool:
    parcel = exchanges.send(
        exchange, carrier="yamato", tracking_number="49-1", actor="ken"
    )
    return parcel is not None


def line() -> tuple[int, int]:
    """Return the units of the only line in returns, and those back in stock."""
    (found,) = OrderLine.objects.values_list("returned", "restocked")
    return found


def test_one_is_sent_again_and_the_others_are_refunded() -> None:
    returned, exchange = mixed()
    assert (counters(), line()) == ((9, 0), (0, 2))
    assert refunds.offer(returned).amount.minor == 3600

    send(exchange)

    returned.refresh_from_db()
    assert returned.status == Return.Status.RECEIVED
    wanted = refund_wish(returned.order, 3600, goods={"MUG-01": 2})
    refunds.refund(returned.order, wanted, returned)
    returned.refresh_from_db()
    assert (returned.status, exchange.status) == ("closed", "sent")
    assert_books_agree()


def test_the_money_of_the_rest_waits_until_the_exchange_has_left() -> None:
    returned, _exchange = mixed()
    before = dump()

    with pytest.raises(ReturnMoved):
        refunds.refund(returned.order, refund_wish(returned.order, 3600), returned)
    with pytest.raises(ReturnMoved):
        services.close(returned, "ken", "no")

    assert dump() == before


def test_the_rest_is_not_exchanged_later() -> None:
    returned, exchange = mixed()
    send(exchange)
    before = dump()

    with pytest.raises(NothingToExchange):
        exchanges.begin(Return.objects.get(pk=returned.pk), "ken")

    assert dump() == before


def test_no_more_than_was_kept_is_sent_again() -> None:
    returned = register(make_sent_order({"MUG-01": 3}))
    arrive(returned, restocked=1, sent_back=2)
    before = dump()

    with pytest.raises(TooManyExchanged) as refused:
        exchanges.begin(returned, "ken", {returned.lines.get().pk: 2})

    assert refused.value.kept == 1
    assert dump() == before
    with pytest.raises(IntegrityError), transaction.atomic():
        returned.lines.update(exchanged=2)


@pytest.mark.parametrize(
    ("kept", "counted"),
    [
        # Units that can be sold are sent again first.
        ({"restocked": 1, "scrapped": 2}, (2, 0)),
        ({"restocked": 2, "scrapped": 1}, (1, 1)),
        ({"scrapped": 3}, (2, 0)),
    ],
)
def test_dropping_it_restores_what_was_counted(
    kept: dict[str, int], counted: tuple[int, int]
) -> None:
    returned, exchange = mixed(**kept)
    assert line() == counted
    assert_books_agree()

    exchanges.drop(exchange, "ken")

    assert line() == (kept.get("scrapped", 0), kept.get("restocked", 0))
    assert refunds.offer(returned).amount.minor == 5400
    assert_books_agree()


def test_what_was_sent_again_may_come_back() -> None:
    returned, exchange = mixed()
    send(exchange)

    arrive(register(returned.order, {"MUG-01": 1}))

    assert line() == (0, 3)
    assert_books_agree()


def test_two_returns_of_one_order_have_exchanges_of_their_own() -> None:
    order = make_sent_order({"MUG-01": 3})
    for _each in range(2):
        returned = register(order, {"MUG-01": 1})
        arrive(returned, scrapped=1)
        exchanges.begin(returned, "ken")

    numbers = Exchange.objects.order_by("pk").values_list("number", flat=True)
    assert list(numbers) == [f"{order.number}-X1", f"{order.number}-X2"]
    assert_books_agree()


def test_staff_choose_the_units_and_customers_read_both(gateway: FakeGateway) -> None:
    clerk = Client()
    clerk.force_login(make_staff("view_order", "handle_return", "refund"))
    returned = register(make_sent_order({"MUG-01": 3}))
    arrive(returned)
    page = reverse("admin:orders_return_act", args=[returned.pk, "exchange"])
    field = f"again_{returned.lines.get().pk}"
    assert clerk.post(page, {field: "4"}).status_code == 422
    assert clerk.post(page, {field: "0"}).status_code == 422
    assert not Exchange.objects.exists()

    clerk.post(page, {field: "1"})
    customer = text_of(Client().get(f"/orders/{returned.order.uid}/"))
    assert "We send the same items again" in customer
    assert "In exchange for:" in customer
    assert "× 1</span>" in customer  # noqa: RUF001
    assert "Our staff settle the other items" in customer

    send(Exchange.objects.get())
    customer = text_of(Client().get(f"/orders/{returned.order.uid}/"))
    assert "Your exchange is on its way" in customer
    assert "Our staff settle the other items" in customer
    of_return = reverse("admin:orders_return_change", args=[returned.pk])
    staff = clerk.get(of_return).content.decode()
    assert f"?return={returned.pk}" in staff
    assert "/do/exchange/" not in staff
    assert "/do/close/" in staff
