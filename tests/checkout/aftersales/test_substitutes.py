"""Substitutes for missing goods: their money, stock and history."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from checkout.aftersales.dispatch import ship
from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.shortages import substitutes
from checkout.mail import outbox
from checkout.payments.fake.gateway import FakeGateway
from inventory import services as inventory
from inventory.errors import OutOfStock
from inventory.models import Movement
from orders.errors import ShortageMoved
from orders.models import Order, OrderEvent, Shipment, Shortage, Substitute
from orders.parcels import by_sku, parcel
from shop.catalogue.models import Product, Variant
from tests.conftest import Clock
from tests.saga.tables import dump
from tests.support.catalogue import make_variant
from tests.support.ordering import counters
from tests.support.refunding import make_refund, refunded_total
from tests.support.shortages import (
    BOTH,
    Choice,
    article,
    assert_books_agree,
    decide,
    make_shortage,
    replaced,
    report,
    substitute_missing,
    substituted,
)
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway) -> None:
    """Use the fake provider in every test."""


def with_tea_instead() -> tuple[Order, Shortage]:
    """Return an order that sends more of its tea instead of a mug."""
    shortage = make_shortage({"MUG-01": 1})
    tea = Variant.objects.get(sku="TEA-01")
    decide(shortage, Choice.SUBSTITUTE, instead=replaced(shortage, tea))
    return shortage.order, shortage


def test_a_cheaper_one_goes_out_and_the_difference_is_promised(
    gateway: FakeGateway,
) -> None:
    shortage = substituted(article(price=1500))

    assert (shortage.status, shortage.refund_minor) == ("closed", 300)
    assert refunded_total(gateway) == 0, "no machine refunds"
    assert Shipment.objects.get(order=shortage.order_id).status == "requested"
    line = shortage.order.lines.get(sku="MUG-01")
    assert (line.quantity, line.restocked) == (2, 1), "what was bought is kept"
    assert by_sku(parcel(shortage.order)) == {"MUG-01": 1, "TEA-01": 1, "CUP-01": 1}
    assert counters("CUP-01") == (4, 0)
    moved = Movement.objects.get(item__sku="CUP-01", kind="ship_out")
    assert moved.reference == shortages.reference_of(shortage)
    event = OrderEvent.objects.get(name="shortage_decided")
    assert event.data["instead"] == ["1 x CUP-01 for MUG-01"]
    assert ship(shortage.order, carrier="", tracking_number="", actor="yuki")
    assert_books_agree()


def test_nobody_pays_more_for_a_dearer_one() -> None:
    shortage = substituted(article(price=2500))

    assert shortage.refund_minor == 0
    assert shortages.owed_for(shortage.order) is None
    row = Substitute.objects.get()
    assert (row.unit_minor, row.paid_minor) == (2500, 1800)
    with pytest.raises(IntegrityError), transaction.atomic():
        Substitute.objects.update(paid_minor=2501)


def test_what_was_refunded_before_is_not_promised_by_a_cheaper_one() -> None:
    shortage = make_shortage({"MUG-01": 1})
    make_refund(shortage.order, 3600, goods={"MUG-01": 2})

    decide(shortage, Choice.SUBSTITUTE, instead=replaced(shortage, article(price=100)))

    assert shortage.refund_minor == 0


def test_all_or_nothing_is_taken() -> None:
    shortage = make_shortage(BOTH)
    cup = article(units=2)
    instead = replaced(shortage, cup, cup)
    before = dump()

    with pytest.raises(OutOfStock):
        decide(shortage, Choice.SUBSTITUTE, instead=instead)

    assert dump() == before
    inventory.receive("CUP-01", 1, "a new box")
    shortage.refresh_from_db()
    decide(shortage, Choice.SUBSTITUTE, instead=instead)
    assert counters("CUP-01") == (0, 0)
    assert by_sku(parcel(shortage.order)) == {"CUP-01": 3}
    assert_books_agree()


def test_a_second_press_and_a_stale_page_change_nothing() -> None:
    shortage = make_shortage({"MUG-01": 1})
    instead = replaced(shortage, article())
    decide(shortage, Choice.SUBSTITUTE, instead=instead)
    before = dump()

    for seen in (0, shortage.moves):
        with pytest.raises(ShortageMoved):
            decide(shortage, Choice.SUBSTITUTE, seen=seen, instead=instead)

    assert dump() == before


def test_only_what_is_on_sale_and_free_can_be_chosen() -> None:
    shortage = make_shortage({"MUG-01": 2})
    article()
    article("CUP-FEW", units=1)
    article("CUP-OFF")
    Product.objects.filter(slug="cup-off").update(is_active=False)
    make_variant(Product.objects.get(slug="mug-01"), "MUG-02", units=2)
    article("CUP-USD")
    Variant.objects.filter(sku="CUP-USD").update(currency="USD")
    (row,) = shortages.missing(shortage)

    found = substitutes.candidates(row)

    # The same product's other variants first; never what is missing itself.
    assert list(found) == ["MUG-02", "CUP-01", "TEA-01"]
    assert found["CUP-01"].free == 5


def test_a_substitute_can_be_missing_as_well() -> None:
    first = substituted(article(price=1500))
    second = substitute_missing(first.order)

    assert counters("CUP-01") == (0, 0)
    assert by_sku(parcel(first.order)) == {"MUG-01": 1, "TEA-01": 1}
    assert Movement.objects.filter(item__sku="CUP-01").count() == 4
    assert_books_agree()
    # It was paid with 1,500 of the mug's 1,800: the rest is promised already.
    assert shortages.refund_for(second, Choice.PART).minor == 1500
    assert shortages.refund_for(second, Choice.CANCEL).minor == 5100
    spoon = article("SPOON-01", price=1000)
    decide(second, Choice.SUBSTITUTE, instead=replaced(second, spoon))
    assert second.refund_minor == 500
    assert by_sku(parcel(first.order)) == {"MUG-01": 1, "TEA-01": 1, "SPOON-01": 1}
    assert_books_agree()


def test_a_substitute_that_arrives_late_is_sent() -> None:
    first = substituted(article())
    second = substitute_missing(first.order)
    decide(second, Choice.WAIT)
    inventory.receive("CUP-01", 1, "a new box")

    shortages.arrive(second, second.moves, "ken", "a new box")

    assert by_sku(parcel(first.order)) == {"MUG-01": 1, "TEA-01": 1, "CUP-01": 1}
    assert_books_agree()


def test_what_replaced_goods_goes_back_when_all_is_called_off() -> None:
    order, _first = with_tea_instead()
    asked = report(order, {"MUG-01": 1})
    second = shortages.record(order, asked, shelf_is_empty=True)

    decide(second, Choice.CANCEL)

    assert counters("TEA-01") == (10, 0), "what was bought, and what was sent instead"
    assert parcel(order) == []
    assert second.refund_minor == 5400
    assert_books_agree()


def test_goods_as_bought_and_as_substitutes_may_be_missing_at_once() -> None:
    order, _first = with_tea_instead()
    asked = report(order, {}, items=parcel(order)[1:])

    second = shortages.record(order, asked, shelf_is_empty=True)

    assert shortages.units_of(second) == {"TEA-01": 2}
    assert counters("TEA-01") == (0, 0)
    assert by_sku(parcel(order)) == {"MUG-01": 1}
    assert shortages.refund_for(second, Choice.PART).minor == 3600
    assert_books_agree()


def test_what_was_promised_before_is_not_promised_again() -> None:
    first = substituted(article(price=1500))
    asked = report(first.order, {"TEA-01": 1})
    second = shortages.record(first.order, asked, shelf_is_empty=True)

    decide(second, Choice.CANCEL)

    assert (first.refund_minor, second.refund_minor) == (300, 5100)


def test_the_mail_names_the_substitute(clock: Clock) -> None:
    shortage = substituted(article())
    clock.shift(10)
    outbox.sweep_mails()
    ship(shortage.order, carrier="", tracking_number="", actor="yuki")
    clock.shift(10)
    outbox.sweep_mails()

    decided, shipped = mail.outbox[-2:]
    told = "we will send you Tea Cup (Label CUP-01) \N{MULTIPLICATION SIGN} 1 with"
    assert told in decided.body
    assert "at no extra cost" in decided.body
    assert "We refund ¥300 to you after a member of our staff" in decided.body
    listed = "(Label CUP-01) \N{MULTIPLICATION SIGN} 1 in place of Morning Mug"
    for sent in (decided, shipped):
        assert listed in sent.body
        assert isinstance(sent, mail.EmailMultiAlternatives)
        assert "in place of Morning Mug" in str(sent.alternatives[0][0])


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_the_last_one_for_different_orders_one_gets_it() -> None:
    cup = article(units=1)
    open_ = [make_shortage({"MUG-01": 1}, shelf_is_empty=False) for _number in range(3)]

    def act(shortage: Shortage) -> None:
        mine = Shortage.objects.get(pk=shortage.pk)
        decide(mine, Choice.SUBSTITUTE, instead=replaced(mine, cup))

    answers = run_together(open_, act)

    assert [type(error) for error in exceptions_in(answers)] == [OutOfStock] * 2
    assert counters("CUP-01") == (0, 0)
    assert Shortage.objects.filter(choice="substitute").count() == 1
    assert_books_agree()
