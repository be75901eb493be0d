"""What each method costs for goods and a prefecture, or why it is not offered."""

import pytest
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from checkout.shipping.facts import READERS
from checkout.shipping.models import ShippingMethod, ShippingRate, UnservedPrefecture
from checkout.shipping.offers import Goods, Offer, offers
from checkout.shipping.table import read_table
from shop.money import Money
from shop.pages.facts import Table
from tests.support.shipping import add_rate, make_method, make_zone

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def only_offer(
    amount: int = 1000, grams: int = 0, prefecture: str | None = "tokyo"
) -> Offer:
    (offer,) = offers(Goods(Money(amount), grams), prefecture)
    return offer


def test_a_shop_without_methods_asks_what_it_always_asked() -> None:
    offer = only_offer()
    assert (offer.price, offer.name, offer.id) == (Money(600), "Standard delivery", "")
    assert only_offer(5000).price == Money(0)
    with override("ja"):
        assert only_offer().name == "通常配送"


@pytest.mark.parametrize(
    ("grams", "price"), [(0, 370), (1000, 370), (1001, 600), (5000, 600)]
)
def test_a_price_goes_by_weight(grams: int, price: int) -> None:
    method = make_method(rate=None)
    add_rate(method, 600, up_to=5000)
    add_rate(method, 370, up_to=1000)
    assert only_offer(grams=grams).price == Money(price)


@pytest.mark.parametrize(("amount", "price"), [(3000, 800), (3001, 400)])
def test_a_price_goes_by_amount(amount: int, price: int) -> None:
    method = make_method(rate=None, basis="amount")
    add_rate(method, 800, up_to=3000)
    add_rate(method, 400)
    assert only_offer(amount, grams=99_999).price == Money(price)


def test_a_zone_has_prices_of_its_own() -> None:
    method, zone = make_method(rate=600), make_zone("Islands", "okinawa")
    add_rate(method, 1500, zone, up_to=2000)
    add_rate(method, 2500, zone)
    assert only_offer(grams=2000, prefecture="okinawa").price == Money(1500)
    assert only_offer(grams=2001, prefecture="okinawa").price == Money(2500)
    assert only_offer(grams=2001, prefecture="osaka").price == Money(600)


def test_a_zone_that_is_still_empty_has_no_customers() -> None:
    make_method(rate=600, position=1)
    add_rate(make_method("EMS", None), 300, make_zone("World"))
    assert only_offer(prefecture=None).name == "Parcel"
    rates = READERS["shipping_rates"]()
    assert isinstance(rates, Table)
    assert [row[:2] for row in rates.rows] == [("Parcel", "All of Japan")]


def test_an_estimate_is_what_most_prefectures_pay() -> None:
    method, zone = make_method(rate=600), make_zone("Islands", "okinawa")
    add_rate(method, 300, zone)
    assert only_offer(prefecture=None).price == Money(600)
    ShippingRate.objects.filter(zone=None).delete()
    assert only_offer(prefecture=None).price == Money(300)


@pytest.mark.parametrize(("amount", "price"), [(2999, 600), (3000, 0), (0, 0)])
def test_it_is_free_from_an_amount_on(amount: int, price: int) -> None:
    make_method(free_from_minor=3000)
    assert only_offer(amount).price == Money(price)


def test_a_prefecture_that_is_not_served_is_said() -> None:
    method, zone = make_method(), make_zone("Islands", "okinawa")
    UnservedPrefecture.objects.create(method=method, prefecture="hokkaido")
    assert only_offer(prefecture="hokkaido").refusal == "Not available in Hokkaido."
    assert only_offer(prefecture="okinawa").refusal == ""
    # Prices for zones only: everywhere else is not served.
    ShippingRate.objects.update(zone=zone)
    assert only_offer(prefecture="tokyo").refusal == "Not available in Tokyo."
    with override("ja"):
        assert "東京都" in only_offer(prefecture="tokyo").refusal


@pytest.mark.parametrize("limit", ["heaviest", "price"])
def test_what_is_too_heavy_is_said(limit: str) -> None:
    method = make_method(rate=None if limit == "price" else 600)
    if limit == "price":
        add_rate(method, 600, up_to=2500)
    else:
        ShippingMethod.objects.update(most_grams=2500)
    assert only_offer(grams=2500).refusal == ""
    heavier = only_offer(grams=12_340)
    assert heavier.refusal == "Up to 2.5 kg; your items weigh 12.34 kg."
    assert heavier.price == Money(0)


def test_what_is_too_dear_is_said() -> None:
    add_rate(make_method(rate=None, basis="amount"), 600, up_to=3000)
    assert only_offer(3001).refusal == "For items of up to ¥3,000 only."


def test_a_method_without_any_price_is_not_offered() -> None:
    make_method(rate=None)
    assert only_offer(prefecture=None).refusal == "Not available for these items."


def test_methods_come_in_their_order_without_those_that_are_off() -> None:
    make_method("Second", position=2)
    make_method("First", position=1)
    make_method("Off", is_active=False)
    found = offers(Goods(Money(1000)), "tokyo")
    assert [offer.name for offer in found] == ["First", "Second"]


def test_a_shop_whose_methods_are_all_off_offers_none() -> None:
    make_method(is_active=False)
    assert offers(Goods(Money(1000)), "tokyo") == ()


def test_the_table_is_read_once_while_nothing_changes(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_method(rate=700)
    read_table()
    with django_assert_num_queries(1):
        assert only_offer().price == Money(700)
    ShippingRate.objects.update(rate_minor=800)
    assert only_offer().price == Money(800)
