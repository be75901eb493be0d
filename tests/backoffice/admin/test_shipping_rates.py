"""Staff maintain the shipping rates."""

import pytest
from django.test import Client

from checkout.cart.models import ShippingTerms, ShippingZone, ZonePrefecture

ZONES = "/admin/checkout/shippingzone/"
TERMS = "/admin/checkout/shippingterms/"


def zone_form(*prefectures: str) -> dict[str, str]:
    form = {
        "name": "Islands",
        "rate_minor": "1500",
        "position": "1",
        "prefectures-TOTAL_FORMS": str(len(prefectures)),
        "prefectures-INITIAL_FORMS": "0",
    }
    for number, prefecture in enumerate(prefectures):
        form[f"prefectures-{number}-prefecture"] = prefecture
    return form


def test_a_zone_is_entered_with_its_prefectures(admin_client: Client) -> None:
    answer = admin_client.post(f"{ZONES}add/", zone_form("okinawa", "kagoshima"))
    assert answer.status_code == 302
    zone = ShippingZone.objects.get()
    assert zone.prefectures.count() == 2
    listing = admin_client.get(ZONES).content.decode()
    assert "¥1,500" in listing
    assert '<td class="field-prefecture_count">2</td>' in listing


def test_a_prefecture_belongs_to_one_zone(admin_client: Client) -> None:
    zone = ShippingZone.objects.create(name="South", rate_minor=900)
    ZonePrefecture.objects.create(zone=zone, prefecture="okinawa")
    answer = admin_client.post(f"{ZONES}add/", zone_form("okinawa"))
    assert answer.status_code == 200
    assert ShippingZone.objects.count() == 1


@pytest.mark.parametrize(("free_from", "shown"), [("8000", "¥8,000"), ("", "never")])
def test_the_terms_are_one_row(
    admin_client: Client, free_from: str, shown: str
) -> None:
    form = {"flat_minor": "700", "free_from_minor": free_from}
    assert admin_client.post(f"{TERMS}add/", form).status_code == 302
    assert ShippingTerms.objects.get().pk == 1
    assert admin_client.get(f"{TERMS}add/").status_code == 403
    listing = admin_client.get(TERMS).content.decode()
    assert "¥700" in listing
    assert shown in listing
