"""Goods of a paid order are missing: correct the count, and decide."""

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from checkout.aftersales.dispatch import ship
from checkout.aftersales.dispatch_errors import NotShippable
from checkout.aftersales.refunds.services import settle
from checkout.aftersales.shortages import services as shortages
from checkout.mail.models import OrderMail
from checkout.mail.outbox import sweep_mails
from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from inventory import services as inventory
from inventory.errors import OutOfStock
from inventory.models import Movement
from orders.errors import NotCharged, ShortageMoved, ShortageOpen, TooManyMissing
from orders.models import Order, OrderEvent, Shipment, Shortage
from orders.parcels import by_sku, parcel
from orders.transitions import shortages as records
from tests.conftest import Clock
from tests.saga.tables import dump
from tests.support.ordering import counters, place
from tests.support.refunding import make_charged_order, make_refund, refunded_total
from tests.support.shortages import (
    BOTH,
    Choice,
    assert_books_agree,
    decide,
    make_shortage,
    report,
)
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

SHIPPED: dict[str, Any] = {"carrier": "yamato", "tracking_number": "1", "actor": "yuki"}


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway) -> None:
    """Use the fake provider in every test."""


def moved(order: Order) -> list[tuple[str, int]]:
    rows = Movement.objects.filter(reference__startswith=order.number)
    return list(rows.order_by("pk").values_list("kind", "quantity"))


def parcel_of(shortage: Shortage) -> str:
    return Shipment.objects.get(order=shortage.order_id).status


def test_missing_goods_leave_the_count_and_hold_the_parcel_back() -> None:
    shortage = make_shortage({"MUG-01": 1})

    # Eight were free in the books: nobody buys what is not there.
    assert counters() == (0, 0)
    assert counters("TEA-01") == (9, 0)
    assert moved(shortage.order)[2:] == [("return", 1), ("adjust", -9)]
    line = Movement.objects.get(kind="adjust")
    assert (line.actor, line.note) == ("yuki", "the shelf is empty")
    assert parcel_of(shortage) == "held_back"
    event = OrderEvent.objects.get(name="goods_missing")
    assert event.data["units"] == {"MUG-01": 1}
    assert event.data["by"] == "yuki"
    assert not OrderMail.objects.exists()
    assert_books_agree()


def test_if_others_are_on_the_shelf_the_count_stays() -> None:
    order = make_charged_order(BOTH)

    asked = report(order, {"MUG-01": 2})
    shortages.record(order, asked, shelf_is_empty=False)

    assert counters() == (8, 0)
    assert_books_agree()


def test_units_held_for_other_orders_stay_held() -> None:
    order = make_charged_order(BOTH)
    inventory.reserve("T-OTHER", {"MUG-01": 3}, None)

    shortages.record(order, report(order, {"MUG-01": 2}), shelf_is_empty=True)

    assert counters() == (3, 3)


def test_an_order_with_missing_goods_cannot_be_shipped() -> None:
    shortage = make_shortage()

    with pytest.raises(NotShippable) as refusal:
        ship(shortage.order, **SHIPPED)

    assert "held_back" in str(refusal.value)
    shortage.order.refresh_from_db()
    assert shortage.order.status == Order.Status.CONFIRMED


def test_the_same_report_twice_is_one_shortage() -> None:
    order = make_charged_order(BOTH)
    asked = report(order, {"MUG-01": 1})

    first = shortages.record(order, asked, shelf_is_empty=True)
    before = dump()

    assert shortages.record(order, asked, shelf_is_empty=True) == first
    assert dump() == before
    with pytest.raises(ShortageOpen):
        shortages.record(order, report(order, {"TEA-01": 1}), shelf_is_empty=True)
    assert dump() == before


def test_no_more_can_be_missing_than_was_ordered() -> None:
    order = make_charged_order(BOTH)
    before = dump()

    with pytest.raises(TooManyMissing) as refusal:
        shortages.record(order, report(order, {"MUG-01": 3}), shelf_is_empty=True)

    assert (refusal.value.sku, refusal.value.left) == ("MUG-01", 2)
    assert dump() == before


def test_an_order_that_is_not_paid_or_was_shipped_has_no_shortage() -> None:
    unpaid, _saga = place(units=BOTH, token=CHALLENGED)
    with pytest.raises(NotCharged):
        shortages.record(unpaid, report(unpaid, {"MUG-01": 1}), shelf_is_empty=True)

    gone = make_charged_order(BOTH)
    ship(gone, **SHIPPED)
    before = dump()
    with pytest.raises(Exception, match="does not wait to be shipped"):
        shortages.record(gone, report(gone, {"MUG-01": 1}), shelf_is_empty=True)
    assert dump() == before


def test_the_rest_is_shipped_and_the_refund_waits_for_a_person(
    gateway: FakeGateway,
) -> None:
    shortage = make_shortage({"MUG-01": 1})

    decide(shortage, Choice.PART)

    assert (shortage.status, shortage.refund_minor) == ("closed", 1800)
    assert parcel_of(shortage) == "requested"
    assert refunded_total(gateway) == 0, "no machine refunds"
    assert shortages.owed_for(shortage.order) == shortage
    refund = make_refund(shortage.order, 1800, goods={"MUG-01": 1})
    assert refund.shortage == shortage
    settle(refund.pk)
    assert shortages.owed_for(shortage.order) is None
    assert ship(shortage.order, **SHIPPED)
    assert_books_agree()


def test_a_refund_that_failed_is_owed_again(gateway: FakeGateway) -> None:
    shortage = make_shortage({"MUG-01": 1})
    decide(shortage, Choice.PART)
    refund = make_refund(shortage.order, 1000)

    assert shortage.owed.minor == 800
    type(refund).objects.filter(pk=refund.pk).update(status="failed")

    assert shortage.owed.minor == 1800


def test_of_a_dropped_promise_only_what_was_refunded_is_owed_again() -> None:
    shortage = make_shortage({"MUG-01": 1})
    decide(shortage, Choice.PART)
    refund = make_refund(shortage.order, 1000)

    records.drop_promise(shortage, shortage.moves, "yuki", "agreed on less")

    assert shortage.refund_minor == 1000
    assert shortages.owed_for(shortage.order) is None
    before = dump()
    for seen in (1, shortage.moves):
        with pytest.raises(ShortageMoved):
            records.drop_promise(shortage, seen, "yuki", "once more")
    assert dump() == before
    type(refund).objects.filter(pk=refund.pk).update(status="failed")
    assert shortage.owed.minor == 1000


def test_all_is_called_off_and_what_was_there_goes_back() -> None:
    shortage = make_shortage({"MUG-01": 1})

    decide(shortage, Choice.CANCEL)

    assert parcel_of(shortage) == "called_off"
    assert shortage.refund_minor == 5400
    assert counters() == (1, 0)
    assert counters("TEA-01") == (10, 0)
    with pytest.raises(NotShippable):
        ship(shortage.order, **SHIPPED)
    assert_books_agree()


def test_waiting_ends_when_the_goods_have_come() -> None:
    shortage = make_shortage({"MUG-01": 1})
    decide(shortage, Choice.WAIT)
    assert (shortage.status, parcel_of(shortage)) == ("waiting", "held_back")
    before = dump()

    with pytest.raises(OutOfStock):
        shortages.arrive(shortage, 1, "ken", "a new box")
    assert dump() == before

    inventory.receive("MUG-01", 4, "new box")
    shortages.arrive(shortage, 1, "ken", "a new box")

    assert (shortage.status, parcel_of(shortage)) == ("closed", "requested")
    assert counters() == (3, 0)
    assert by_sku(parcel(shortage.order)) == BOTH
    assert_books_agree()


def test_after_waiting_in_vain_it_is_decided_again() -> None:
    shortage = make_shortage({"MUG-01": 2})
    decide(shortage, Choice.WAIT)

    decide(shortage, Choice.PART, actor="ken")

    assert (shortage.status, shortage.refund_minor) == ("closed", 3600)
    decided = OrderEvent.objects.filter(name="shortage_decided")
    assert [row.data["choice"] for row in decided] == ["wait", "part"]
    assert [row.data["by"] for row in decided] == ["yuki", "ken"]


def test_a_decision_on_an_older_page_is_refused() -> None:
    shortage = make_shortage()
    decide(shortage, Choice.WAIT)
    before = dump()

    with pytest.raises(ShortageMoved):
        decide(shortage, Choice.CANCEL, seen=0)
    assert dump() == before

    decide(shortage, Choice.CANCEL)
    for choice in Choice:
        with pytest.raises(ShortageMoved):
            decide(shortage, choice)


def test_an_order_that_lacks_everything_has_no_rest_to_ship() -> None:
    shortage = make_shortage(BOTH)

    assert Choice.PART not in shortages.open_choices(shortage)
    assert shortages.refund_for(shortage, Choice.CANCEL).minor == 5400


def test_what_was_refunded_before_is_not_promised_again() -> None:
    order = make_charged_order(BOTH)
    make_refund(order, 1800, goods={"MUG-01": 1})

    asked = report(order, {"MUG-01": 2})
    shortage = shortages.record(order, asked, shelf_is_empty=True)

    assert shortages.refund_for(shortage, Choice.PART).minor == 1800
    assert shortages.refund_for(shortage, Choice.CANCEL).minor == 3600


def test_the_decision_is_mailed_to_the_customer(clock: Clock) -> None:
    shortage = make_shortage({"MUG-01": 1})
    decide(shortage, Choice.PART)
    clock.shift(10)

    sweep_mails()

    sent = mail.outbox[-1]
    assert sent.subject.startswith("Items missing from order")
    assert "These are missing:\n- " in sent.body
    assert "We send you the other goods now" in sent.body
    assert "We refund ¥1,800 to you after a member of our staff" in sent.body


def test_the_database_refuses_a_second_shortage_and_an_anonymous_decision() -> None:
    shortage = make_shortage()
    values = {"order": shortage.order, "currency": "JPY", "note": "x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Shortage.objects.create(recorded_by="yuki", **values)
    rows = Shortage.objects.filter(pk=shortage.pk)
    for wrong in ({"status": "waiting"}, {"status": "closed"}, {"refund_minor": 5}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_decide_at_once_one_does() -> None:
    shortage = make_shortage({"MUG-01": 1})
    choices = [Choice.PART, Choice.CANCEL, Choice.WAIT] * 3

    def act(choice: Choice) -> None:
        decide(Shortage.objects.get(pk=shortage.pk), choice, seen=0)

    answers = run_together(choices, act)

    assert [type(error) for error in exceptions_in(answers)] == [ShortageMoved] * 8
    shortage.refresh_from_db()
    winner = choices[answers.index(None)]
    assert (shortage.choice, shortage.moves) == (winner, 1)
    assert OrderEvent.objects.filter(name="shortage_decided").count() == 1
    assert_books_agree()


@pytest.mark.django_db(transaction=True)
def test_shipping_and_finding_goods_missing_do_not_both_succeed() -> None:
    order = make_charged_order(BOTH)

    def act(number: int) -> object:
        mine = Order.objects.get(pk=order.pk)
        if number % 2:
            return ship(mine, **SHIPPED)
        asked = report(mine, {"MUG-01": 1})
        return shortages.record(mine, asked, shelf_is_empty=True)

    run_together(range(6), act)

    order.refresh_from_db()
    shipment = Shipment.objects.get(order=order)
    found = Shortage.objects.count()
    assert (order.status, shipment.status, found) in (
        ("shipped", "dispatched", 0),
        ("confirmed", "held_back", 1),
    )
    assert_books_agree()
