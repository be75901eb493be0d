"""Where the shop delivers, by which method and at which price."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from checkout.cart.models import TemporaryOrder
from checkout.cart.pricing import quote
from checkout.cart.services import summarise
from checkout.payments.fake.gateway import FakeGateway
from checkout.shipping.models import (
    DeliveryCountry,
    ShippingMethod,
    ShippingRate,
    ZoneTransit,
)
from checkout.shipping.offers import Goods, offers
from orders.models import Order
from shop.catalogue.models import Product, Variant
from shop.customers import addresses
from shop.money import Money
from tests.support.abroad import ABROAD, ENTERED, KEPT
from tests.support.accounts import make_customer, sign_in
from tests.support.orders import VISA
from tests.support.shipping import add_rate, deliver_to, make_zone
from tests.support.shopping import (
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    make_cart,
    purchase_form,
)

pytestmark = pytest.mark.django_db


def test_nobody_abroad_is_promised_the_days_of_japan(
    admin_client: Client, goods: None
) -> None:
    """A method for both is offered abroad when it has days of its own for the zone."""
    parcel = ShippingMethod.objects.get()
    zone = make_zone("North America")
    DeliveryCountry.objects.create(code="US", zone=zone)
    add_rate(parcel, 2400, zone)
    weighed = Goods(Money(1800), 500)
    page = reverse("admin:checkout_deliverycountry_changelist")

    assert offers(weighed, None, "US") == ()
    listed = admin_client.get(page).content.decode()
    assert "Parcel: enter its transit times to this zone" in listed
    [at_home] = offers(weighed, None)
    assert at_home.promise is not None

    ZoneTransit.objects.create(method=parcel, zone=zone, days_from=7, days_to=12)
    [abroad] = offers(weighed, None, "US")
    assert abroad.promise is not None
    assert abroad.promise.latest - abroad.promise.ship_by == timedelta(days=12)
    listed = admin_client.get(page).content.decode()
    assert "enter its transit times" not in listed


def test_a_country_without_a_price_for_its_zone_cannot_be_chosen(
    client: Client, goods: None
) -> None:
    method = deliver_to("US")
    fill(client, {"MUG-01": 1})
    assert 'value="US"' in client.get(INFORMATION).content.decode()
    ShippingRate.objects.filter(method=method).delete()
    DeliveryCountry.objects.get().save()
    assert 'value="US"' not in client.get(INFORMATION).content.decode()


def test_nobody_in_japan_is_offered_a_method_for_abroad(
    client: Client, goods: None
) -> None:
    deliver_to("US", position=0)
    fill(client, {"MUG-01": 1})
    at_home = client.get(INFORMATION).content.decode()
    answer = client.post(INFORMATION, ABROAD | {"act": "country"})
    abroad = answer.content.decode()
    assert ("EMS" in at_home, "Parcel" in at_home) == (False, True)
    assert ("EMS" in abroad, "Parcel" in abroad) == (True, False)
    assert 'name="prefecture"' not in abroad


def test_a_country_that_is_taken_away_stops_the_purchase(
    client: Client, goods: None, gateway: FakeGateway
) -> None:
    deliver_to("US")
    fill(client, {"MUG-01": 1})
    client.post(INFORMATION, ABROAD)
    form = purchase_form(client, VISA)
    country = DeliveryCountry.objects.get()
    country.is_active = False
    country.save()

    answer = client.post(CONFIRMATION, form)

    assert answer["Location"] in (INFORMATION, CONFIRMATION)
    assert not Order.objects.exists()
    page = client.get(INFORMATION).content.decode()
    assert "We do not deliver to" in page


def test_what_cannot_go_abroad_keeps_the_form_and_goes_to_japan(
    client: Client, goods: None
) -> None:
    deliver_to("US", most_grams=100)
    Variant.objects.update(weight_grams=500)
    addresses.add(make_customer(), KEPT)
    sign_in(client)
    fill(client, {"MUG-01": 1})

    # The address that is suggested is the one abroad.
    shown, refused = client.get(INFORMATION), client.post(INFORMATION, ABROAD)

    for answer in (shown, refused):
        assert answer.status_code == 200
        assert "your items weigh" in answer.content.decode()
    at_home = client.post(INFORMATION, RECIPIENT | {"country": "JP"})
    assert at_home["Location"] == CONFIRMATION


@pytest.mark.both_databases
def test_a_shop_that_delivers_only_abroad_sells(
    client: Client, mug: Product, gateway: FakeGateway
) -> None:
    deliver_to("US", 2000)
    deliver_to("CA", 2200)
    fill(client, {"MUG-01": 1})
    cart = client.get("/cart/").content.decode()
    assert "None of our shipping methods" not in cart
    # Of the country that comes first.
    assert "¥3,836" in cart
    entry = client.get(INFORMATION).content.decode()
    assert ('value="JP"' in entry, 'value="US"' in entry) == (False, True)
    assert 'name="prefecture"' not in entry.partition("billing_")[0]
    assert client.post(INFORMATION, RECIPIENT | {"country": "JP"}).status_code == 200

    assert client.post(INFORMATION, ABROAD)["Location"] == CONFIRMATION
    client.post(CONFIRMATION, purchase_form(client, VISA))

    order = Order.objects.get()
    assert (order.country, order.total_minor) == ("US", 3636)
    assert "We deliver to: " in client.get("/pages/legal/").content.decode()


def test_japan_is_told_when_no_method_serves_it_any_more(
    client: Client, goods: None
) -> None:
    deliver_to("US")
    fill(client, {"MUG-01": 1})
    assert client.post(INFORMATION, RECIPIENT | {"country": "JP"}).status_code == 303
    ShippingMethod.objects.get(name_en="Parcel").delete()
    priced = quote(TemporaryOrder.objects.get().cart)
    assert priced.method_problem == "We do not deliver to Japan any more."


def test_free_from_of_a_method_for_japan_is_not_for_abroad(goods: None) -> None:
    """A method that delivers abroad only has its own."""
    ems = deliver_to("US", 2000, free_from_minor=1000)
    zone = DeliveryCountry.objects.get().zone
    parcel = ShippingMethod.objects.get(name_en="Parcel")
    ShippingMethod.objects.filter(pk=parcel.pk).update(free_from_minor=1000)
    add_rate(parcel, 2400, zone)
    ZoneTransit.objects.create(method=parcel, zone=zone, days_from=7, days_to=12)
    found = {one.method.id: one for one in offers(Goods(Money(1800)), None, "US")}
    assert (found[parcel.pk].price.minor, found[parcel.pk].free_from) == (2400, None)
    assert (found[ems.pk].price.minor, found[ems.pk].free_from) == (0, Money(1000))
    (at_home,) = offers(Goods(Money(1800)), None)
    assert at_home.price.minor == 0


def test_the_pill_of_the_cart_has_the_price_of_the_country(
    client: Client, goods: None
) -> None:
    deliver_to("US")
    cart = fill(client, {"MUG-01": 2})
    assert summarise(cart.uid).total == Money(3600)
    client.post(INFORMATION, ABROAD)
    assert summarise(cart.uid).total == Money(2 * 1636)
    assert "2 items, ¥3,272" in client.get("/cart/").content.decode()


def test_the_price_can_stay_the_same_abroad(goods: None) -> None:
    deliver_to("US", 2000, prices="same")
    priced = quote(make_cart({"MUG-01": 2, "TEA-01": 1}, ENTERED))
    assert priced.total.minor == 2 * 1800 + 700 + 2000
    assert [(each.rate, each.tax.minor) for each in priced.tax] == [(0, 0)]
