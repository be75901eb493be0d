from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from checkout.cart import services as carts
from checkout.cart.errors import CartNotOpen
from checkout.cart.models import Cart, TemporaryOrder
from checkout.cart.pricing import quote
from checkout.placement import services as placement
from checkout.placement.errors import CartEmpty, InformationMissing, QuoteChanged
from checkout.placement.services import place_order
from inventory.services import reserve
from orders.models import (
    WISHES,
    Order,
    OrderLine,
    Payment,
    PaymentAttempt,
    wishes_of,
)
from saga.models import Saga, State
from shop.catalogue.models import Variant
from tests.saga.broker import nobody_listens
from tests.support.ordering import counters, place
from tests.support.orders import SHIPPING, UNIT_PRICE, make_cart, make_order
from tests.support.threads import exceptions_in, run_together


def nothing_was_recorded() -> bool:
    return not (Order.objects.exists() or Saga.objects.exists())


@pytest.mark.django_db
def test_placing_records_order_lines_payment_and_saga() -> None:
    cart = make_cart({"MUG-01": 2, "CAP-01": 1})

    order = place_order(cart, quote(cart), token="ctoken_1", language="ja")

    assert (order.status, order.language) == ("pending", "ja")
    assert (order.subtotal_minor, order.shipping_minor) == (3 * UNIT_PRICE, 0)
    assert order.total_minor == 3 * UNIT_PRICE
    lines = OrderLine.objects.values_list("sku", "quantity", "unit_minor", "tax_rate")
    assert list(lines) == [("MUG-01", 2, UNIT_PRICE, 10), ("CAP-01", 1, UNIT_PRICE, 10)]
    payment = Payment.objects.get()
    assert (payment.amount_minor, payment.status) == (order.total_minor, "pending")
    attempt = PaymentAttempt.objects.get()
    assert (attempt.number, attempt.token, attempt.outcome) == (1, "ctoken_1", "open")
    saga = Saga.objects.main_paths().get()
    assert (saga.reference, saga.step, saga.state) == (
        order.number,
        "reserve_stock",
        State.RUNNING,
    )
    assert list(order.events.values_list("name", flat=True)) == ["order_placed"]


@pytest.mark.django_db
@pytest.mark.both_databases
def test_the_order_keeps_all_that_the_customer_wishes() -> None:
    cart = make_cart()
    wishes = {name: f"a {name}"[:8] for name in WISHES} | {"gift": "plain"}
    TemporaryOrder.objects.update(**wishes)
    cart = Cart.objects.get(pk=cart.pk)

    order = place_order(cart, quote(cart), token="ctoken_1", language="ja")

    order.refresh_from_db()
    assert wishes_of(order) == wishes


@pytest.mark.django_db
def test_the_order_keeps_who_where_and_the_tax() -> None:
    cart = make_cart({"MUG-01": 1})

    order = place_order(cart, quote(cart), token="ctoken_1", language="en")

    assert (order.name, order.prefecture) == ("Hanako Minato", "tokyo")
    assert order.checkout_key == cart.checkout_key
    gross = UNIT_PRICE + SHIPPING
    assert order.tax == [{"rate": 10, "gross": gross, "tax": round(gross / 11)}]


@pytest.mark.django_db
def test_later_prices_do_not_alter_the_order() -> None:
    order, _saga = place(make_cart({"MUG-01": 1}))

    Variant.objects.update(price_minor=1)

    order.refresh_from_db()
    assert order.total_minor == UNIT_PRICE + SHIPPING
    assert OrderLine.objects.get().unit_minor == UNIT_PRICE


@pytest.mark.django_db
def test_the_same_form_sent_twice_is_one_order() -> None:
    cart = make_cart()
    first = place_order(cart, quote(cart), token="ctoken_1", language="en")

    second = place_order(cart, quote(cart), token="ctoken_2", language="en")

    assert second.pk == first.pk
    assert Order.objects.count() == Saga.objects.count() == 1
    assert PaymentAttempt.objects.get().token == "ctoken_1"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_ten_tabs_that_buy_at_once_get_one_and_the_same_order() -> None:
    cart = make_cart()
    form = quote(cart)

    def buy(tab: int) -> Order:
        fresh = Cart.objects.get(pk=cart.pk)
        return place_order(fresh, form, token=f"ctoken_{tab}", language="en")

    answers = run_together(range(10), buy)

    assert exceptions_in(answers) == []
    assert {order.pk for order in answers if isinstance(order, Order)} == {
        Order.objects.get().pk
    }
    assert Saga.objects.count() == Payment.objects.count() == 1


@pytest.mark.django_db
def test_a_cart_that_is_being_ordered_cannot_be_changed() -> None:
    cart = make_cart()
    line = cart.lines.get()
    place(cart)

    for change in (
        lambda: carts.set_quantity(cart, line.pk, 5),
        lambda: carts.remove(cart, line.pk),
        lambda: carts.restore(cart, "MUG-01", 5),
        lambda: carts.keep_information(cart, {"name": "Somebody Else"}),
    ):
        with pytest.raises(CartNotOpen):
            change()

    line.refresh_from_db()
    assert line.quantity == 1
    assert TemporaryOrder.objects.get().name == "Hanako Minato"


@pytest.mark.django_db
def test_a_closed_cart_without_an_order_orders_nothing() -> None:
    cart = make_cart()
    Cart.objects.update(state=Cart.State.CLOSED)

    with pytest.raises(CartEmpty):
        place_order(cart, quote(cart), token="ctoken_1", language="en")

    assert nothing_was_recorded()


@pytest.mark.django_db
def test_an_empty_cart_orders_nothing() -> None:
    cart = make_cart()
    cart.lines.all().delete()

    with pytest.raises(CartEmpty):
        place_order(cart, quote(cart), token="ctoken_1", language="en")

    assert nothing_was_recorded()
    assert Cart.objects.get().state == Cart.State.OPEN


@pytest.mark.django_db
def test_without_an_address_nothing_is_ordered() -> None:
    cart = make_cart()
    TemporaryOrder.objects.all().delete()
    cart = Cart.objects.get()

    with pytest.raises(InformationMissing):
        place_order(cart, quote(cart), token="ctoken_1", language="en")

    assert nothing_was_recorded()
    assert Cart.objects.get().state == Cart.State.OPEN


@pytest.mark.django_db
def test_goods_that_sold_out_since_are_not_ordered() -> None:
    cart = make_cart({"MUG-01": 2})
    reserve("SOMEBODY", {"MUG-01": 9}, None)

    with pytest.raises(QuoteChanged):
        place_order(cart, quote(cart), token="ctoken_1", language="en")

    assert nothing_was_recorded()
    assert counters() == (10, 9)


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The numbers that will be drawn, in this order, instead of random ones."""
    drawn: list[str] = []
    source: Iterator[str] = iter(drawn)
    monkeypatch.setattr(placement, "new_number", lambda _day: next(source))
    return drawn


@pytest.mark.django_db
def test_a_number_that_is_taken_is_drawn_again(numbers: list[str]) -> None:
    taken = make_order().number
    numbers.extend([taken, taken, "261122-FRESH1"])

    order, saga = place(make_cart())

    assert order.number == saga.reference == "261122-FRESH1"
    assert Cart.objects.get().state == Cart.State.ORDERED


@pytest.mark.django_db
def test_when_no_number_is_free_nothing_is_recorded(numbers: list[str]) -> None:
    taken = make_order().number
    numbers.extend([taken] * 3)

    with pytest.raises(RuntimeError, match="no free order number"):
        place(make_cart())

    assert Order.objects.count() == 1
    assert not Saga.objects.exists()
    assert Cart.objects.get().state == Cart.State.OPEN


@pytest.mark.both_databases
@pytest.mark.django_db
def test_placing_takes_few_queries_however_many_lines() -> None:
    plenty, scarce = 100, 10
    for free, statements in ((plenty, 12), (scarce, 14)):
        cart = make_cart({f"SKU-{free}-{n}": 1 for n in range(5)}, free=free)
        form = quote(cart)

        with CaptureQueriesContext(connection) as queries:
            place_order(cart, form, token="ctoken_1", language="en")

        # The gate of a pause is a statement of its own on PostgreSQL.
        assert len(queries) <= statements + (connection.vendor == "postgresql")


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_reach_the_customer() -> None:
    with nobody_listens():
        order, saga = place()

    assert Order.objects.get() == order
    assert saga.state == State.RUNNING
