"""The day and time slot of the delivery: chosen, checked, kept and shown."""

from datetime import date

import pytest
from django.core import mail
from django.test import Client
from django.utils.translation import override

from checkout.mail.messages import send_confirmation
from checkout.shipping.slots import slots_of, write_slot
from orders.models import Carrier, Order
from shop.catalogue.models import Product
from tests.conftest import Clock
from tests.support.shipping import make_method
from tests.support.shopping import (
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    fill_and_inform,
    purchase_form,
    text_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway")]
# 10:48 in Tokyo on a Monday: promised from Thursday to Saturday.
MONDAY = "2026-11-30T01:48:00+00:00"
WISH = {"delivery_on": "2026-12-06", "delivery_slot": "1820"}


@pytest.fixture
def shop(mug: Product, clock: Clock) -> None:
    clock.move_to(MONDAY)
    Product.objects.update(released_at="2026-11-01T00:00:00+00:00")
    make_method("Parcel", days_to_choose=4)


def test_each_carrier_has_its_slots() -> None:
    assert slots_of(Carrier.YAMATO) == ("am", "1416", "1618", "1820", "1921")
    assert "1214" in slots_of(Carrier.SAGAWA)
    assert "1214" in slots_of(Carrier.JAPAN_POST)
    assert slots_of(Carrier.OTHER) == ()


def test_slots_in_words() -> None:
    assert write_slot("am") == "Morning (until 12:00)"
    assert write_slot("1416") == "14:00–16:00"  # noqa: RUF001
    assert write_slot("of old") == "of old"
    with override("ja"):
        assert write_slot("am") == "午前中"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_wish_is_shown_everywhere(
    shop: None, admin_client: Client, language: str
) -> None:
    client = Client(headers={"accept-language": language})
    fill_and_inform(client, {"MUG-01": 1}, **WISH)
    shown = {"en": "Sun 6 Dec 18:00–20:00", "ja": "12月6日(日) 18:00–20:00"}[language]  # noqa: RUF001
    assert shown in text_of(client.get(CONFIRMATION))
    client.post(CONFIRMATION, purchase_form(client))
    order = Order.objects.get()
    assert (order.delivery_on, order.delivery_slot) == (date(2026, 12, 6), "1820")
    assert shown in text_of(client.get(f"/orders/{order.uid}/"))
    send_confirmation(order)
    assert shown in str(mail.outbox[-1].body)
    staff = text_of(admin_client.get(f"/admin/orders/order/{order.pk}/change/"))
    assert "18:00–20:00" in staff  # noqa: RUF001


def test_a_wish_is_optional(shop: None, client: Client) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    client.post(CONFIRMATION, purchase_form(client))
    order = Order.objects.get()
    assert (order.delivery_on, order.delivery_slot) == (None, "")


@pytest.mark.parametrize(
    "wish",
    [
        {"delivery_on": "2026-12-04"},
        {"delivery_on": "2026-12-09"},
        {"delivery_on": "tomorrow"},
        {"delivery_slot": "1214"},
    ],
)
def test_what_cannot_be_had_is_refused_and_the_rest_is_kept(
    shop: None, client: Client, wish: dict[str, str]
) -> None:
    fill(client, {"MUG-01": 1})
    answer = client.post(INFORMATION, RECIPIENT | wish)
    assert answer.status_code == 200
    text = text_of(answer)
    assert "has-error" in text
    assert 'value="西麻布1-2-3"' in text


def test_a_day_that_passed_meanwhile_is_chosen_again(
    shop: None, client: Client, clock: Clock
) -> None:
    fill_and_inform(client, {"MUG-01": 1}, delivery_on="2026-12-05")
    form = purchase_form(client)
    clock.move_to("2026-12-02T01:48:00+00:00")
    answer = client.post(CONFIRMATION, form, follow=True)
    assert answer.redirect_chain[-1][0] == INFORMATION
    text = text_of(answer)
    assert "Nothing was ordered or charged." in text
    assert "Choose a delivery day from Mon 7 Dec to Thu 10 Dec." in text
    assert not Order.objects.exists()


def test_a_method_without_a_choice_asks_for_none(shop: None, client: Client) -> None:
    make_method("Express", position=1)
    fill(client, {"MUG-01": 1})
    assert "No preference" in text_of(client.get(INFORMATION))
    express = {"method": str(make_method("Only").pk)}
    answer = client.post(INFORMATION, RECIPIENT | express | WISH)
    assert "Only has no choice of the day." in text_of(answer)
