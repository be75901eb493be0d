"""Pick-up at a place: offered, chosen without an address, promised and kept."""

from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from checkout.cart.models import TemporaryOrder
from checkout.mail.messages import send_confirmation
from checkout.shipping.models import PickupPlace, ShippingMethod
from orders.models import Order
from shop.catalogue.models import Product
from tests.conftest import Clock
from tests.support.shipping import make_method, make_pickup
from tests.support.shopping import (
    CART,
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    purchase_form,
    text_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway")]
# 10:48 in Tokyo on a Monday: handed over, or ready, on Tuesday.
MONDAY = "2026-11-30T01:48:00+00:00"
CONTACT = {name: RECIPIENT[name] for name in ("email", "name", "phone")}
READY = {"en": "Tue 1 Dec", "ja": "12月1日(火)"}


@pytest.fixture
def shop(mug: Product, clock: Clock) -> None:
    clock.move_to(MONDAY)
    Product.objects.update(released_at="2026-11-01T00:00:00+00:00")
    make_method("Parcel", days_to_choose=3)
    make_pickup("Minato", "Ginza", rate=100)


def choice(name: str = "Minato") -> str:
    place = PickupPlace.objects.get(name_en=name)
    return f"{place.method_id}-{place.pk}"


def inform(client: Client, **changes: str) -> Any:
    """Choose the place in Minato and give no address."""
    fill(client, {"MUG-01": 1})
    return client.post(INFORMATION, CONTACT | {"method": choice()} | changes)


def order_it(client: Client) -> Order:
    client.post(CONFIRMATION, purchase_form(client))
    return Order.objects.get()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_place_and_day_are_shown_from_the_product_to_the_mail(
    shop: None, language: str
) -> None:
    client = Client(headers={"accept-language": language})
    place = {"en": "Minato", "ja": "Minato店"}[language]
    hours = {"en": "10:00 to 19:00", "ja": "10時から19時"}[language]
    address = {"en": "1-2-3 Minato, Tokyo", "ja": "東京都Minato1-2-3"}[language]
    pages = [text_of(client.get("/p/mug/"))]
    fill(client, {"MUG-01": 1})
    pages += [text_of(client.get(CART))]
    asked = text_of(client.get(INFORMATION))
    client.post(INFORMATION, CONTACT | {"method": choice()})
    checked = text_of(client.get(CONFIRMATION))
    order = order_it(client)
    kept = text_of(client.get(f"/orders/{order.uid}/"))
    send_confirmation(order)
    mailed = " ".join(str(mail.outbox[-1].body).split())

    for page in (*pages, asked, checked, kept, mailed):
        assert place in page
        assert READY[language] in page
    for page in (asked, checked, kept, mailed):
        assert hours in page
        assert address in page
    assert "〒" not in kept + mailed + checked


def test_the_order_has_the_place_and_no_address(shop: None, client: Client) -> None:
    assert inform(client)["Location"] == CONFIRMATION
    order = order_it(client)

    assert order.is_pickup
    assert (order.pickup_place, order.pickup_address, order.pickup_hours) == (
        "Minato",
        "1-2-3 Minato, Tokyo",
        "10:00 to 19:00",
    )
    assert (order.shipping_method, order.shipping_carrier) == ("Pick-up", "")
    assert (order.postcode, order.prefecture, order.street, order.delivery) == (
        *("", "", ""),
        "",
    )
    assert order.shipping_minor == 100
    assert order.ship_by == order.promised_until == date(2026, 12, 1)


def test_an_address_and_a_wish_that_were_typed_are_not_kept(
    shop: None, client: Client
) -> None:
    typed = RECIPIENT | {"method": choice(), "delivery_slot": "1416"}
    fill(client, {"MUG-01": 1})
    client.post(INFORMATION, typed | {"postcode": "no postcode"})

    kept = TemporaryOrder.objects.get()
    assert (kept.street, kept.postcode, kept.delivery_slot) == ("", "", "")
    assert kept.place is not None


def test_who_returns_to_delivery_must_give_an_address(
    shop: None, client: Client
) -> None:
    inform(client)
    parcel = str(ShippingMethod.objects.get(kind="delivery").pk)

    answer = client.post(INFORMATION, CONTACT | {"method": parcel})
    assert "Enter the postcode." in text_of(answer)
    answer = client.post(INFORMATION, RECIPIENT | {"method": parcel})

    assert answer["Location"] == CONFIRMATION
    assert TemporaryOrder.objects.get().place is None


def test_the_form_remembers_the_place(shop: None, client: Client) -> None:
    inform(client, method=choice("Ginza"))

    page = text_of(client.get(INFORMATION))

    [checked] = [part for part in page.split("<input")[1:] if " checked" in part][:1]
    assert f'value="{choice("Ginza")}"' in checked


@pytest.mark.parametrize("change", ["closed", "deleted", "moved", "hours"])
def test_what_changes_of_the_place_is_not_ordered(
    shop: None, client: Client, change: str
) -> None:
    inform(client)
    form = purchase_form(client)
    place = PickupPlace.objects.get(name_en="Minato")
    if change == "deleted":
        place.delete()
    else:
        fields: dict[str, dict[str, Any]] = {
            "closed": {"is_active": False},
            "moved": {"address_en": "9-9-9 Minato"},
            "hours": {"hours_en": "never"},
        }
        PickupPlace.objects.filter(pk=place.pk).update(**fields[change])

    client.post(CONFIRMATION, form)

    assert not Order.objects.exists()
    answer = client.get(CONFIRMATION)
    asks_again = change in ("closed", "deleted")
    assert answer.status_code == (303 if asks_again else 200)


def test_a_forged_place_is_refused(shop: None, client: Client) -> None:
    method = ShippingMethod.objects.get(kind="pickup").pk
    for forged in (f"{method}-999999", str(method), "-1", f"{method}-"):
        assert inform(client, method=forged).status_code == 200
    assert not TemporaryOrder.objects.exists()


def test_a_method_without_places_is_not_offered(shop: None, client: Client) -> None:
    PickupPlace.objects.update(is_active=False)
    fill(client, {"MUG-01": 1})
    assert "Pick-up" not in text_of(client.get(INFORMATION))


def test_a_shop_may_have_pick_up_alone(
    mug: Product, clock: Clock, client: Client
) -> None:
    clock.move_to(MONDAY)
    Product.objects.update(released_at="2026-11-01T00:00:00+00:00")
    make_pickup("Minato")
    assert "ready to pick up from <strong>Tue 1 Dec</strong>" in text_of(
        client.get("/p/mug/")
    )

    fill(client, {"MUG-01": 1})
    assert "ready to pick up from" in text_of(client.get(CART))
    assert client.post(INFORMATION, CONTACT)["Location"] == CONFIRMATION
    assert order_it(client).pickup_place == "Minato"
