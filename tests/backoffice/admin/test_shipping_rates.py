"""Staff maintain shipping methods, their prices, and zones."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.shipping.models import ShippingMethod, ShippingRate, ShippingZone
from tests.support.shipping import add_rate, make_method, make_zone

ZONES = "/admin/checkout/shippingzone/"
METHODS = "/admin/checkout/shippingmethod/"


def rows(prefix: str, *filled: dict[str, str]) -> dict[str, str]:
    form = {f"{prefix}-TOTAL_FORMS": str(len(filled)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(filled):
        form |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return form


def zone_form(*prefectures: str) -> dict[str, str]:
    names = [{"prefecture": prefecture} for prefecture in prefectures]
    return {"name": "Islands", "position": "1", **rows("prefectures", *names)}


def method_form(*rates: dict[str, str], **changes: str) -> dict[str, str]:
    return {
        "name_en": "Post",
        "name_ja": "郵便",
        "kind": "delivery",
        "carrier": "japan_post",
        "basis": "weight",
        "free_from_minor": "8000",
        "most_grams": "",
        "days_from": "2",
        "days_to": "4",
        "days_to_choose": "0",
        "position": "0",
        "is_active": "on",
        **rows("rates", *rates),
        **rows("places"),
        **rows("transits"),
        **rows("unserved", {"prefecture": "okinawa"}),
        **changes,
    }


def test_a_zone_is_entered_with_its_prefectures(admin_client: Client) -> None:
    answer = admin_client.post(f"{ZONES}add/", zone_form("okinawa", "kagoshima"))
    assert answer.status_code == 302
    assert ShippingZone.objects.get().prefectures.count() == 2
    listing = admin_client.get(ZONES).content.decode()
    cell = '<td data-label="Prefectures" class="field-prefecture_count">2</td>'
    assert cell in listing


def test_a_prefecture_belongs_to_one_zone(admin_client: Client) -> None:
    make_zone("South", "okinawa")
    answer = admin_client.post(f"{ZONES}add/", zone_form("okinawa"))
    assert answer.status_code == 200
    assert ShippingZone.objects.count() == 1


@pytest.mark.parametrize(("free_from", "shown"), [("8000", "¥8,000"), ("", "never")])
def test_a_method_is_entered_with_its_prices(
    admin_client: Client, free_from: str, shown: str
) -> None:
    zone = make_zone("Islands", "kagoshima")
    rates = [
        {"zone": "", "up_to": "1000", "rate_minor": "370"},
        {"zone": "", "up_to": "", "rate_minor": "700"},
        {"zone": str(zone.pk), "up_to": "", "rate_minor": "1500"},
    ]
    form = method_form(*rates, free_from_minor=free_from)
    assert admin_client.post(f"{METHODS}add/", form).status_code == 302

    method = ShippingMethod.objects.get()
    assert method.rates.count() == 3
    assert method.unserved.get().prefecture == "okinawa"
    listing = admin_client.get(METHODS).content.decode()
    assert "¥370 - ¥1,500" in listing
    assert shown in listing


RATE = {"zone": "", "up_to": "", "rate_minor": "700"}


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ([], "Enter at least one price"),
        ([RATE, RATE], "Two prices have the same zone and limit."),
    ],
)
def test_prices_that_cannot_be_meant_are_refused(
    admin_client: Client, rates: list[dict[str, str]], said: str
) -> None:
    answer = admin_client.post(f"{METHODS}add/", method_form(*rates))
    assert said in answer.content.decode()
    assert not ShippingMethod.objects.exists()


def test_amounts_are_typed_as_people_write_them(
    admin_client: Client, settings: Settings
) -> None:
    settings.CURRENCY = "USD"
    rates = [
        {"zone": "", "up_to": "1,000.50", "rate_minor": "7.5"},
        {"zone": "", "up_to": "", "rate_minor": "0"},
    ]
    form = method_form(*rates, basis="amount", free_from_minor="$80.00")

    assert admin_client.post(f"{METHODS}add/", form).status_code == 302

    method = ShippingMethod.objects.get()
    assert method.free_from_minor == 8000
    found = set(method.rates.values_list("up_to", "rate_minor"))
    assert found == {(100050, 750), (None, 0)}
    page = admin_client.get(f"{METHODS}{method.pk}/change/").content.decode()
    for shown in ('value="80.00"', 'value="1,000.50"', 'value="7.50"'):
        assert shown in page


def test_a_limit_by_weight_is_grams(admin_client: Client) -> None:
    rates = [{"zone": "", "up_to": "1000", "rate_minor": "7"}, RATE]
    assert admin_client.post(f"{METHODS}add/", method_form(*rates)).status_code == 302
    method = ShippingMethod.objects.get()
    page = admin_client.get(f"{METHODS}{method.pk}/change/").content.decode()
    assert re.search(r'<input type="number" name="rates-\d-up_to" value="1000"', page)


def test_a_zone_that_is_deleted_takes_its_prices_along(admin_client: Client) -> None:
    zone = make_zone("Islands", "okinawa")
    add_rate(make_method(), 1500, zone)
    answer = admin_client.post(f"{ZONES}{zone.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert [rate.rate_minor for rate in ShippingRate.objects.all()] == [600]


def test_every_field_of_the_tables_has_a_name(admin_client: Client) -> None:
    page = admin_client.get("/admin/checkout/shippingmethod/add/").content.decode()

    tag = re.search(r'<select name="rates-0-zone"[^>]*>', page)
    assert tag
    assert 'aria-label="' in tag[0]
