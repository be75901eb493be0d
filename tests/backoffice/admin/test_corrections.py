"""Staff correct recipients until hand-over, and tracking numbers always."""

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.roles import GROUPS
from checkout.mail.models import OrderMail
from checkout.payments.fake.gateway import FakeGateway
from checkout.shipping.models import UnservedPrefecture
from orders.models import Order, OrderChange, OrderEvent
from orders.models.change import RECIPIENT
from saga.engine import run
from tests.backoffice.answers import messages, text_of
from tests.support.corrections import (
    agree,
    filled,
    hand_over,
    recipient_page,
    tracking_page,
)
from tests.support.ordering import place
from tests.support.refunding import make_charged_order
from tests.support.shipping import add_rate, make_method, make_zone
from tests.support.staff import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def order(gateway: FakeGateway) -> Order:
    return make_charged_order({"MUG-01": 2})


def test_a_new_address_is_previewed_kept_and_shown_in_the_history(
    clerk: Client, order: Order
) -> None:
    data = filled(order, RECIPIENT, street="Azabudai 1-3-1", building="Room 5")
    page = text_of(clerk.post(recipient_page(order), data))
    assert "District, block" not in page
    assert "“Shibakoen 4-2-8” becomes “Azabudai 1-3-1”." in page
    assert "“-” becomes “Room 5”." in page
    assert "print them again" in page
    assert not OrderChange.objects.exists()

    answer = agree(clerk, recipient_page(order), data)

    assert messages(answer) == [f"{order.number}: the recipient is changed."]
    order.refresh_from_db()
    assert (order.street, order.building) == ("Azabudai 1-3-1", "Room 5")
    change = OrderChange.objects.get()
    assert change.before == {"street": "Shibakoen 4-2-8", "building": ""}
    assert change.after == {"street": "Azabudai 1-3-1", "building": "Room 5"}
    assert (change.actor, change.reason) == ("yuki", "The customer called")
    # The event names no personal data: that is in one table only.
    event = OrderEvent.objects.get(name="recipient_corrected")
    assert event.data == {
        "fields": ["building", "street"],
        "actor": "yuki",
        "reason": "The customer called",
    }
    page = text_of(answer)
    assert "“Shibakoen 4-2-8” becomes “Azabudai 1-3-1”." in page
    assert not OrderMail.objects.filter(order=order).exists()


def test_a_form_that_is_sent_twice_is_one_correction(
    clerk: Client, order: Order
) -> None:
    data = filled(order, RECIPIENT, phone="090-1111-2222")
    agree(clerk, recipient_page(order), data)

    answer = agree(clerk, recipient_page(order), data)

    assert messages(answer) == [f"{order.number}: changed before."]
    assert OrderChange.objects.count() == 1


def test_what_was_not_previewed_is_not_done(clerk: Client, order: Order) -> None:
    data = filled(order, RECIPIENT, name="Taro Minato")
    agreed = clerk.post(recipient_page(order), data).context["agreed"]

    again = clerk.post(
        recipient_page(order), {**data, "agreed": agreed, "name": "Jiro Minato"}
    )

    assert "becomes “Jiro Minato”" in text_of(again)
    assert not OrderChange.objects.exists()


def test_the_rules_are_those_of_the_customers_form(clerk: Client, order: Order) -> None:
    data = filled(order, RECIPIENT, postcode="12", email="nobody", name="\u200b")

    answer = clerk.post(recipient_page(order), {**data, "reason": ""})

    assert answer.status_code == 422
    assert {"postcode", "email", "name", "reason"} <= set(answer.context["form"].errors)
    same = filled(order, RECIPIENT)
    page = text_of(clerk.post(recipient_page(order), same))
    assert "Nothing is different." in page


@pytest.mark.parametrize(
    "seen", ["", "{", "[]", '{"name": 5}', '{"name": "a\\u0000b"}', "1"]
)
def test_a_page_that_somebody_made_up_changes_nothing(
    clerk: Client, order: Order, seen: str
) -> None:
    data = filled(order, RECIPIENT, name="Taro Minato")

    answer = clerk.post(recipient_page(order), {**data, "seen": seen})

    assert answer.status_code == 422
    assert not OrderChange.objects.exists()


def test_two_people_do_not_overwrite_each_other(clerk: Client, order: Order) -> None:
    mine = filled(order, RECIPIENT, street="Azabudai 1-3-1")
    theirs = filled(order, RECIPIENT, street="Toranomon 2-6-4")
    agree(clerk, recipient_page(order), theirs)

    (said,) = messages(agree(clerk, recipient_page(order), mine))

    assert "a colleague has just changed the same" in said
    order.refresh_from_db()
    assert order.street == "Toranomon 2-6-4"


def test_an_order_that_waits_for_its_payment_can_be_corrected(
    clerk: Client, gateway: FakeGateway
) -> None:
    order, saga = place(units={"MUG-01": 1})

    agree(clerk, recipient_page(order), filled(order, RECIPIENT, name="Taro Minato"))
    run(saga.pk)

    order.refresh_from_db()
    assert (order.name, order.status) == ("Taro Minato", Order.Status.CONFIRMED)


def test_after_the_hand_over_it_is_refused(clerk: Client, order: Order) -> None:
    data = filled(order, RECIPIENT, name="Taro Minato")
    hand_over(order)

    page = text_of(clerk.post(recipient_page(order), data))

    assert "cannot be changed any more: it is shipped or cancelled" in page
    assert recipient_page(order) not in text_of(
        clerk.get(reverse("admin:orders_order_change", args=[order.pk]))
    )
    assert not OrderChange.objects.exists()


def test_another_price_of_shipping_is_said_and_not_charged(
    clerk: Client, order: Order
) -> None:
    add_rate(make_method(), 1500, make_zone("Islands", "okinawa"))
    before = (order.total_minor, order.payment.captured_minor)
    data = filled(order, RECIPIENT, prefecture="okinawa")

    page = text_of(clerk.post(recipient_page(order), data))
    agree(clerk, recipient_page(order), data)

    assert "“Tokyo” becomes “Okinawa”." in page
    assert "Shipping to Okinawa costs ¥1,500, to Tokyo ¥600. The customer paid" in page
    order.refresh_from_db()
    assert order.prefecture == "okinawa"
    assert (order.total_minor, order.payment.captured_minor) == before


def test_a_method_that_does_not_go_there_is_said(clerk: Client, order: Order) -> None:
    method = make_method()
    UnservedPrefecture.objects.create(method=method, prefecture="okinawa")
    Order.objects.update(shipping_method=method.name_en)
    order.refresh_from_db()
    data = filled(order, RECIPIENT, prefecture="okinawa")

    page = text_of(clerk.post(recipient_page(order), data))

    assert f"{method.name_en}: Not available in Okinawa." in page


def test_only_operators_may_correct(client: Client, order: Order) -> None:
    hand_over(order)
    client.force_login(make_staff("view_order"))

    for page in (recipient_page(order), tracking_page(order)):
        assert client.get(page).status_code == 403
        assert client.post(page, {}).status_code == 403
    page = text_of(client.get(reverse("admin:orders_order_change", args=[order.pk])))
    assert tracking_page(order) not in page
    allowed = {name for name in GROUPS if "orders.correct_order" in GROUPS[name]}
    assert allowed == {"Operator"}


def test_the_order_links_both_pages(clerk: Client, order: Order) -> None:
    change = reverse("admin:orders_order_change", args=[order.pk])
    assert recipient_page(order) in text_of(clerk.get(change))
    hand_over(order)
    page = text_of(clerk.get(change))
    assert tracking_page(order) in page
    assert clerk.get(tracking_page(order)).status_code == 200
    assert clerk.get(tracking_page(order, 2)).status_code == 404
