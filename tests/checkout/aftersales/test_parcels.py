"""Several parcels for one order: what leaves, what is left, and what is mailed."""

import uuid

import pytest
from django.core import mail as sent_mails
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from checkout.aftersales import dispatch, dispatch_errors
from checkout.aftersales.dispatch_errors import NotShippable, StillPaid
from checkout.aftersales.refunds.services import settle
from checkout.aftersales.shortages import services as shortages
from checkout.mail import outbox
from checkout.mail.models import OrderMail
from orders import transitions
from orders.errors import TooManyMissing
from orders.models import (
    Order,
    OrderEvent,
    OrderLine,
    Parcel,
    ParcelLine,
    Shipment,
    Shortage,
)
from orders.parcels import by_sku, due
from orders.transitions import refunds
from tests.support.ordering import counters
from tests.support.parcels import LABEL, send, units_of
from tests.support.refunding import make_charged_order, make_refund
from tests.support.shortages import (
    BOTH,
    Choice,
    assert_books_agree,
    decide,
    report,
    substituted,
)
from tests.support.threads import exceptions_in, run_together

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]


def state_of(order: Order) -> tuple[str, str, int]:
    """Return the status of the order and of its shipment, and how many parcels left."""
    order.refresh_from_db()
    shipment = Shipment.objects.get(order=order)
    return order.status, shipment.status, shipment.parcel_count


def sent_of(order: Order) -> list[dict[str, int]]:
    """Return the contents of the parcels: SKU -> units."""
    parcels = Parcel.objects.filter(shipment__order=order).order_by("number")
    return [
        {row.goods.sku: row.quantity for row in each.lines.all()} for each in parcels
    ]


def assert_counted(order: Order) -> None:
    """The counters of what was shipped are the sums of the parcels' lines."""
    for line in OrderLine.objects.filter(order=order):
        rows = ParcelLine.objects.filter(line=line, substitute=None)
        assert line.shipped == sum(row.quantity for row in rows)


def test_one_parcel_takes_everything_that_is_left() -> None:
    order = make_charged_order(BOTH)

    parcel = send(order)

    assert parcel is not None
    assert (parcel.number, parcel.tracking_key) == (1, "123456789012")
    assert sent_of(order) == [BOTH]
    assert state_of(order) == ("shipped", "dispatched", 1)
    assert due(order) == []
    assert_counted(order)


def test_two_parcels_are_partly_shipped_until_the_last_unit_leaves() -> None:
    order = make_charged_order(BOTH)

    send(order, {"MUG-01": 1})

    assert state_of(order) == ("confirmed", "requested", 1)
    shipment = Shipment.objects.get()
    assert shipment.is_partly_shipped
    assert shipment.state_text == "partly shipped"
    assert by_sku(due(order)) == {"MUG-01": 1, "TEA-01": 1}

    send(order, tracking_number="22")

    assert state_of(order) == ("shipped", "dispatched", 2)
    assert sent_of(order) == [{"MUG-01": 1}, {"MUG-01": 1, "TEA-01": 1}]
    assert_counted(order)
    events = OrderEvent.objects.filter(name="parcel_dispatched").order_by("id")
    assert [(each.key, each.data["units"]) for each in events] == [
        ("1", {"MUG-01": 1}),
        ("2", {"MUG-01": 1, "TEA-01": 1}),
    ]
    assert OrderEvent.objects.get(name="shipment_dispatched").data == {
        "carrier": "yamato",
        "tracking_number": "22",
        "actor": "yuki",
    }


def test_a_form_sent_twice_is_one_parcel() -> None:
    order = make_charged_order(BOTH)
    uid = uuid.uuid4()

    assert send(order, {"MUG-01": 1}, uid=uid)
    assert send(order, {"MUG-01": 1}, uid=uid) is None

    assert sent_of(order) == [{"MUG-01": 1}]
    assert OrderMail.objects.filter(kind="shipped").count() == 1


def test_no_more_leaves_than_is_due() -> None:
    order = make_charged_order(BOTH)
    send(order, {"MUG-01": 1})
    wanted = units_of(order, {"MUG-01": 2})

    with pytest.raises(NotShippable) as refusal:
        dispatch.ship(order, **LABEL, items=wanted)

    assert refusal.value.sentence == "No more than 1 of MUG-01 can be sent."
    assert sent_of(order) == [{"MUG-01": 1}]
    assert state_of(order) == ("confirmed", "requested", 1)
    assert_counted(order)


def test_an_empty_parcel_does_not_leave() -> None:
    order = make_charged_order(BOTH)

    with pytest.raises(NotShippable, match="nothing is left to be sent"):
        send(order, {"MUG-01": 0})

    assert state_of(order) == ("confirmed", "requested", 0)


def test_the_database_refuses_more_units_than_were_bought() -> None:
    order = make_charged_order(BOTH)

    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.filter(order=order, sku="TEA-01").update(shipped=2)

    assert by_sku(due(order)) == BOTH


@pytest.mark.django_db(transaction=True)
def test_many_packers_at_once_send_every_unit_once() -> None:
    order = make_charged_order({"MUG-01": 5})

    def act(_number: int) -> object:
        mine = Order.objects.get(pk=order.pk)
        return dispatch.ship(mine, **LABEL, items=units_of(mine, {"MUG-01": 2}))

    answers = run_together(range(6), act)

    # Five units make two parcels of two; one unit is left for nobody who wants two.
    assert [type(error) for error in exceptions_in(answers)] == [
        dispatch_errors.Unsendable
    ] * 4
    assert sent_of(order) == [{"MUG-01": 2}, {"MUG-01": 2}]
    assert state_of(order) == ("confirmed", "requested", 2)
    assert_counted(order)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_all_at_once_one_does() -> None:
    order = make_charged_order(BOTH)

    def act(_number: int) -> Parcel | None:
        return send(Order.objects.get(pk=order.pk))

    answers = run_together(range(4), act)

    assert len([each for each in answers if isinstance(each, Parcel)]) == 1
    assert not exceptions_in(answers)
    assert sent_of(order) == [BOTH]
    assert OrderMail.objects.filter(kind="shipped").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_is_one_parcel() -> None:
    order, uid = make_charged_order({"MUG-01": 4}), uuid.uuid4()

    def act(_number: int) -> Parcel | None:
        return send(Order.objects.get(pk=order.pk), {"MUG-01": 1}, uid=uid)

    answers = run_together(range(4), act)

    assert not exceptions_in(answers)
    assert sent_of(order) == [{"MUG-01": 1}]


def test_each_parcel_has_its_own_mail_with_its_goods() -> None:
    order = make_charged_order(BOTH)
    send(order, {"MUG-01": 2})
    send(order, carrier="sagawa", tracking_number="99")
    sent_mails.outbox.clear()

    for row in OrderMail.objects.filter(kind="shipped").order_by("id"):
        outbox.send(row.pk)

    first, second = sent_mails.outbox
    # By the time of the sending both parcels had left.
    assert "In parcel 1:" in first.body
    assert "1234-5678-9012" in first.body
    assert "TEA-01" not in first.body
    assert "the last parcel of your order is on its way." in second.body
    assert "99" in second.body


def test_the_mail_of_a_part_says_what_follows() -> None:
    order = make_charged_order(BOTH)
    send(order, {"MUG-01": 2})
    sent_mails.outbox.clear()

    outbox.send(OrderMail.objects.get(kind="shipped").pk)

    [mail] = sent_mails.outbox
    assert mail.subject.startswith(f"Part of your order {order.number} is on its way")
    assert "The rest follows in another parcel." in mail.body
    here, _, rest = mail.body.partition("Still to come:")
    tea = OrderLine.objects.get(sku="TEA-01").name
    assert tea in rest
    assert "In parcel 1:" in here


def test_a_mail_stored_before_there_were_parcels_is_about_the_first() -> None:
    order = make_charged_order(BOTH)
    send(order)
    OrderMail.objects.filter(kind="shipped").update(key="", data={})
    sent_mails.outbox.clear()

    assert outbox.send(OrderMail.objects.get(kind="shipped").pk)

    assert "1234-5678-9012" in sent_mails.outbox[0].body


def test_the_customers_page_shows_the_parcels_and_the_rest(client: Client) -> None:
    order = make_charged_order(BOTH)
    address = reverse("checkout:order", args=[order.uid])
    send(order, {"MUG-01": 1})

    page = client.get(address).content.decode()
    assert "Part of your order is on its way" in page
    assert "Still to come" in page
    assert "pno=1234-5678-9012" in page

    send(order, carrier="sagawa", tracking_number="99")
    transitions.deliver(Parcel.objects.get(number=1), timezone.now())
    page = client.get(address).content.decode()
    assert "Your order is on its way" in page
    assert "Still to come" not in page
    assert "okurijoNo=99" in page
    assert "Delivered on" in page


def test_a_parcel_is_delivered_once() -> None:
    order = make_charged_order(BOTH)
    parcel = send(order)
    assert parcel is not None

    assert transitions.deliver(parcel, timezone.now())
    assert not transitions.deliver(parcel, timezone.now())

    assert OrderEvent.objects.filter(name="parcel_delivered").count() == 1


def test_missing_goods_are_taken_from_what_has_not_left() -> None:
    order = make_charged_order(BOTH)
    send(order, {"MUG-01": 2})

    with pytest.raises(TooManyMissing):
        shortages.record(order, report(order, {"MUG-01": 1}), shelf_is_empty=True)
    shortage = shortages.record(
        order, report(order, {"TEA-01": 1}), shelf_is_empty=True
    )

    with pytest.raises(NotShippable):
        send(order)
    assert shortages.open_choices(shortage) == [
        Choice.WAIT,
        Choice.SUBSTITUTE,
        Choice.PART,
    ]
    decide(shortage, Choice.PART)
    # Everything that was there has left: the order is complete.
    assert state_of(order) == ("shipped", "dispatched", 1)
    assert_books_agree()


def test_a_substitute_leaves_in_a_parcel_of_its_own() -> None:
    shortage = substituted()
    order = shortage.order
    send(order, {"MUG-01": 1, "TEA-01": 1})
    assert state_of(order) == ("confirmed", "requested", 1)

    send(order, {"CUP-01": 1})

    assert sent_of(order)[1] == {"CUP-01": 1}
    assert state_of(order) == ("shipped", "dispatched", 2)
    row = ParcelLine.objects.get(substitute__isnull=False)
    assert row.substitute is not None
    assert row.substitute.shipped == 1


def test_an_order_is_complete_when_the_rest_is_put_back_by_a_refund() -> None:
    order = make_charged_order(BOTH)
    send(order, {"MUG-01": 2})

    refund = make_refund(order, 500, goods={"TEA-01": 1}, restock=True)
    assert state_of(order) == ("confirmed", "requested", 1)
    with pytest.raises(NotShippable, match="nothing is left to be sent"):
        send(order)
    settle(refund.pk)

    assert state_of(order) == ("shipped", "dispatched", 1)
    assert_books_agree()


def test_a_refund_that_fails_leaves_the_rest_to_be_sent() -> None:
    order = make_charged_order(BOTH)
    send(order, {"MUG-01": 2})
    refund = make_refund(order, 500, goods={"TEA-01": 1}, restock=True)

    refunds.fail(refund, "account closed")

    send(order)
    assert sent_of(order) == [{"MUG-01": 2}, {"TEA-01": 1}]
    assert state_of(order) == ("shipped", "dispatched", 2)


def test_the_rest_of_a_refunded_order_is_called_off_not_the_parcels() -> None:
    order = make_charged_order(BOTH)
    send(order, {"MUG-01": 2})
    with pytest.raises(StillPaid):
        dispatch.call_off(order, "yuki", "no")
    settle(make_refund(order, order.payment.refundable.minor).pk)
    before = counters("TEA-01")

    order = Order.objects.get(pk=order.pk)
    assert dispatch.call_off(order, "yuki", "refunded")
    assert not dispatch.call_off(order, "yuki", "refunded")

    assert state_of(order) == ("shipped", "dispatched", 1)
    assert counters("TEA-01") == (before[0] + 1, before[1])
    assert not OrderMail.objects.filter(kind="cancelled").exists()
    assert_books_agree()


def test_goods_that_were_all_put_back_are_called_off_though_money_is_left() -> None:
    order = make_charged_order({"MUG-01": 2})
    settle(make_refund(order, 3600, goods={"MUG-01": 2}, restock=True).pk)
    order = Order.objects.get(pk=order.pk)
    assert order.payment.refundable
    with pytest.raises(NotShippable, match="nothing is left to be sent"):
        send(order)

    assert dispatch.call_off(order, "yuki", "all goods are back")

    assert state_of(order) == ("cancelled", "called_off", 0)
    assert counters() == (10, 0)


def test_two_shortages_of_one_line_count_only_what_is_left() -> None:
    order = make_charged_order({"MUG-01": 4})
    send(order, {"MUG-01": 1})
    first = shortages.record(order, report(order, {"MUG-01": 2}), shelf_is_empty=False)
    decide(first, Choice.PART)
    assert by_sku(due(order)) == {"MUG-01": 1}

    send(order)

    assert sent_of(order) == [{"MUG-01": 1}, {"MUG-01": 1}]
    assert state_of(order) == ("shipped", "dispatched", 2)
    assert Shortage.objects.get().status == "closed"
