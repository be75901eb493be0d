"""A pre-order: promised from its release, not sent before, moved when that moves."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.test import Client

from backoffice.admin.packing.selectors import Readiness, select
from checkout.aftersales import release_dates
from checkout.aftersales.dispatch import check_shippable, make_ready, ship
from checkout.aftersales.dispatch_errors import NotReleased
from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.warehouse.port import NoAnswer
from checkout.aftersales.warehouse.shipping.definition import SHIPPING
from checkout.cart.pricing import quote
from checkout.mail import outbox
from checkout.mail.models import MailKind, OrderMail
from inventory.models import StockItem
from inventory.services import announce, receive
from orders.models import Order, OrderEvent, Payment
from orders.transitions.releases import Promised, move_release
from saga.engine import run
from saga.models import Saga
from saga.sweeper import sweep
from shop import database_clock
from shop.catalogue.models import Product
from tests.conftest import Clock
from tests.support.catalogue import make_product
from tests.support.invariants import assert_ledger_adds_up
from tests.support.ordering import place
from tests.support.shopping import (
    CART,
    CONFIRMATION,
    RECIPIENT,
    fill_and_inform,
    text_of,
)
from tests.support.shopping import make_cart as make_shop_cart
from tests.support.shortages import report
from tests.support.warehouse import FakeWarehouse

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]

# The clock stands at Tue 1 Jan 2030.
RELEASE = date(2030, 3, 1)
DAY = timedelta(days=1)


@pytest.fixture
def tape(clock: Clock) -> Product:
    """A tape of which five can be ordered before it is released."""
    product = make_product("tape", skus=("TAPE-01",), units=0, release_on=RELEASE)
    announce("TAPE-01", 5, "a-1", "", "")
    return product


def order_of(*skus: str) -> Order:
    """Place the order of one unit each, run its saga, and return it."""
    cart = make_shop_cart(dict.fromkeys(skus, 1), RECIPIENT)
    order, saga = place(cart)
    run(saga.pk)
    order.refresh_from_db()
    assert order.status == Order.Status.CONFIRMED
    return order


def hand_over(order: Order) -> object:
    return ship(order, carrier="yamato", tracking_number="", actor="ken")


def move(product: Product, day: date | None) -> int:
    Product.objects.filter(pk=product.pk).update(release_on=day)
    return release_dates.follow()


def test_the_pages_say_from_when_it_is_sent(tape: Product, client: Client) -> None:
    make_product("mug")
    said = "Pre-order: sent from 1 March 2030"
    product = text_of(client.get("/p/tape/"))
    assert said in product
    assert "PreOrder" in product
    assert "Add to cart" not in product
    assert '<span class="badge ok">Pre-order</span>' in text_of(client.get("/goods/"))

    fill_and_inform(client, {"TAPE-01": 1, "MUG-01": 1})
    cart, confirmation = (text_of(client.get(page)) for page in (CART, CONFIRMATION))
    for page in (cart, confirmation):
        assert said in page
        assert "Pre-order, sent from 1 March 2030: arrives" in page
        assert "from the latest release date" in page


def test_order_mail_and_my_page_keep_the_date(tape: Product, client: Client) -> None:
    order = order_of("TAPE-01")
    assert (order.not_before, order.lines.get().release_on) == (RELEASE, RELEASE)
    assert order.ship_by is not None
    assert order.ship_by >= RELEASE
    assert "Pre-order: sent from 1 March 2030" in str(mail.outbox[0].body)
    page = text_of(client.get(f"/orders/{order.uid}/"))
    assert "Pre-order: sent from 1 March 2030" in page


def test_mixed_carts_are_promised_from_the_latest_release(tape: Product) -> None:
    make_product("mug")
    make_product("book", skus=("BOOK-01",), release_on=RELEASE + 30 * DAY)
    order = order_of("TAPE-01", "MUG-01", "BOOK-01")
    assert order.not_before == RELEASE + 30 * DAY
    kept = order.lines.order_by("sku").values_list("release_on", flat=True)
    assert list(kept) == [RELEASE + 30 * DAY, None, RELEASE]


def test_it_is_charged_at_once_although_others_are_charged_at_shipment(
    tape: Product, settings: object
) -> None:
    settings.CAPTURE = "shipment"  # type: ignore[attr-defined]
    assert order_of("TAPE-01").payment.status == Payment.Status.CAPTURED


def test_nobody_sends_it_before_its_release(tape: Product, clock: Clock) -> None:
    order = order_of("TAPE-01")
    assert list(select(Readiness.EARLY)) == [order]
    assert list(select(Readiness.READY)) == []
    with pytest.raises(NotReleased):
        check_shippable(order)
    with pytest.raises(NotReleased):
        hand_over(order)
    with pytest.raises(NotReleased):
        make_ready(order, "ken")

    clock.move_to("2030-02-28T15:00:00+00:00")  # midnight in Tokyo

    assert list(select(Readiness.EARLY)) == []
    assert list(select(Readiness.READY)) == [order]
    assert hand_over(order) is not None
    assert_ledger_adds_up()


def test_the_warehouse_is_asked_on_the_day_of_the_release(
    warehouse: FakeWarehouse, tape: Product, clock: Clock
) -> None:
    order = order_of("TAPE-01")
    shipping = Saga.objects.get(definition=SHIPPING.name, reference=order.number)
    run(shipping.pk)
    assert warehouse.orders == {}

    clock.move_to("2030-02-28T15:00:00+00:00")
    sweep()
    run(shipping.pk)

    assert list(warehouse.orders) == [order.number]


def test_what_the_warehouse_was_asked_for_is_asked_again_although_it_moves(
    warehouse: FakeWarehouse, tape: Product, clock: Clock
) -> None:
    order = order_of("TAPE-01")
    shipping = Saga.objects.get(definition=SHIPPING.name, reference=order.number)
    run(shipping.pk)
    clock.move_to("2030-02-28T15:00:00+00:00")
    warehouse.plan = [NoAnswer("no answer")]
    sweep()
    run(shipping.pk)
    assert move(tape, RELEASE + 30 * DAY) == 1

    clock.move_to("2030-03-01T15:00:00+00:00")
    sweep()
    run(shipping.pk)

    assert list(warehouse.orders) == [order.number]


def test_what_did_not_come_is_announced_no_more(tape: Product, clock: Clock) -> None:
    orders = [order_of("TAPE-01") for _number in range(5)]
    receive("TAPE-01", 3, "d-1")
    clock.move_to("2030-03-02T00:00:00+00:00")
    for order in orders[:2]:
        shortages.record(order, report(order, {"TAPE-01": 1}), shelf_is_empty=True)
    item = StockItem.objects.get(sku="TAPE-01")
    assert (item.on_hand, item.awaited) == (0, 0)
    receive("TAPE-01", 10, "d-2")
    assert StockItem.objects.get(sku="TAPE-01").on_hand == 10
    assert_ledger_adds_up()


@pytest.mark.parametrize("days", [30, -30])
def test_who_ordered_is_told_of_a_new_date(tape: Product, days: int) -> None:
    order, mug = order_of("TAPE-01"), make_product("mug")
    other = order_of("MUG-01")
    before = order.ship_by, order.promised_from, order.promised_until
    mail.outbox.clear()

    assert move(tape, RELEASE + days * DAY) == 1
    assert release_dates.follow() == 0

    order.refresh_from_db()
    assert order.not_before == RELEASE + days * DAY
    assert order.ship_by is not None
    assert order.ship_by >= order.not_before
    assert (order.ship_by > before[0]) is (days > 0)  # type: ignore[operator]
    assert order.promised_until - order.ship_by == before[2] - before[0]  # type: ignore[operator]
    told = OrderMail.objects.filter(kind=MailKind.RELEASE_MOVED)
    assert [row.order for row in told] == [order]
    outbox.send(told.get().pk)
    assert "release date" in mail.outbox[0].subject
    assert order.events.filter(name=OrderEvent.Name.RELEASE_MOVED).count() == 1
    other.refresh_from_db()
    assert (other.not_before, mug.release_on) == (None, None)


def test_each_further_move_is_told_and_none_at_all_makes_it_due(tape: Product) -> None:
    order = order_of("TAPE-01")
    assert [move(tape, RELEASE + number * DAY) for number in (1, 2)] == [1, 1]
    assert move(tape, None) == 1
    assert OrderMail.objects.filter(kind=MailKind.RELEASE_MOVED).count() == 3
    order.refresh_from_db()
    assert order.not_before is None
    assert list(select(Readiness.READY)) == [order]


def test_two_processes_at_once_tell_of_a_move_once(tape: Product) -> None:
    order, day = order_of("TAPE-01"), RELEASE + DAY
    dates, promised = {order.lines.get().pk: day}, Promised(day, order.ship_by)
    assert [move_release(order, dates, promised) for _process in range(2)] == [1, 0]
    assert order.events.filter(name=OrderEvent.Name.RELEASE_MOVED).count() == 1


def test_what_has_left_does_not_move(tape: Product, clock: Clock) -> None:
    order = order_of("TAPE-01")
    clock.move_to("2030-03-02T00:00:00+00:00")
    hand_over(order)
    assert move(tape, RELEASE + 9 * DAY) == 0
    assert not OrderMail.objects.filter(kind=MailKind.RELEASE_MOVED).exists()


def test_a_date_that_moves_before_the_purchase_asks_again(tape: Product) -> None:
    cart = make_shop_cart({"TAPE-01": 1}, RECIPIENT)
    agreed = quote(cart).digest
    Product.objects.filter(pk=tape.pk).update(release_on=RELEASE + DAY)
    assert quote(cart).digest != agreed


def test_from_its_release_on_it_is_sold_as_all_else(
    tape: Product, clock: Clock
) -> None:
    clock.move_to("2030-03-01T03:00:00+00:00")
    assert database_clock.read_day() == RELEASE
    tape.refresh_from_db()
    assert tape.preorder_date is None
    assert order_of("TAPE-01").not_before is None
