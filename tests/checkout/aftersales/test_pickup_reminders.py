"""Customers are reminded once of goods that wait to be picked up."""

from datetime import timedelta

import pytest
from django.core import mail as sent_mails
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from checkout.aftersales import dispatch
from checkout.aftersales.pickups import remind
from checkout.mail import outbox
from checkout.mail.models import OrderMail
from orders.models import Order, Shipment
from shop import database_clock
from tests.support.pickups import make_pickup_order
from tests.support.staff import make_staff

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]


def lies_for(days: int, order: Order | None = None) -> Order:
    """Return an order that has lain ready for so many days."""
    order = order or make_pickup_order()
    dispatch.make_ready(order, "yuki")
    since = database_clock.read() - timedelta(days=days)
    Shipment.objects.filter(order=order).update(pickup_ready_at=since)
    return order


def look() -> int:
    return remind(database_clock.read())


def reminders() -> list[OrderMail]:
    return list(OrderMail.objects.filter(kind="pickup_reminder"))


def test_a_customer_is_reminded_once_after_a_week() -> None:
    order = lies_for(7)
    lies_for(6)

    for _run in range(3):
        assert look() == 1

    [reminder] = reminders()
    assert reminder.order == order
    sent_mails.outbox.clear()
    outbox.send(reminder.pk)
    [mail] = sent_mails.outbox
    assert order.number in mail.subject
    assert "nobody has picked them up yet" in mail.body
    assert "1-2-3 Minato, Tokyo" in mail.body
    assert "10:00 to 19:00" in mail.body


def test_what_was_handed_over_is_no_reason_to_mail() -> None:
    order = lies_for(8)
    look()
    dispatch.ship(order, carrier="", tracking_number="", actor="yuki")

    outbox.send(reminders()[0].pk)

    assert [mail.state for mail in reminders()] == ["dropped"]
    assert look() == 0


def test_goods_that_were_made_ready_again_are_reminded_of_again() -> None:
    order = lies_for(9)
    look()
    Shipment.objects.update(pickup_ready_at=None)
    lies_for(8, order)

    look()

    assert len(reminders()) == 2


def test_a_shop_may_remind_nobody(settings: Settings) -> None:
    settings.PICKUP_REMINDER_DAYS = 0
    lies_for(100)

    assert look() == 0
    assert not reminders()


def test_staff_see_what_nobody_has_picked_up(client: Client) -> None:
    client.force_login(make_staff("view_order", "ship_order"))
    late, fresh = lies_for(8), lies_for(1)

    page = client.get(
        reverse("admin:backoffice_ordertoship_changelist"), {"state": "waiting"}
    ).content.decode()

    assert late.number in page
    assert fresh.number in page
    assert page.count("not picked up for") == 1
