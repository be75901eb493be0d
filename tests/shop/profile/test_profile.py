"""Who sells: the settings until staff enter it, then the one row."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import translation

from shop.profile.models import ShopProfile
from shop.profile.selectors import read_seller
from shop.text.invoice_number import is_invoice_number, is_of_a_company

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PAGE = "/admin/profile/shopprofile/"
FORM = {
    "shop_name_ja": "みなと商店",
    "shop_name_en": "Minato Store",
    "colour": "#4338ca",
    "name_ja": "株式会社みなと",
    "name_en": "Minato K.K.",
    "address_ja": "〒105-0011\n東京都港区芝公園4-2-8",
    "address_en": "4-2-8 Shibakoen, Minato, Tokyo 105-0011",
    "phone": "03-1111-2222",
    "email": "shop@minato.example",
    "invoice_number": "T7000012050002",
}


def test_without_a_row_the_settings_say_who_sells(settings: Any) -> None:
    settings.SELLER_NAME = "Minato K.K."
    settings.SELLER_ADDRESS = "Tokyo"
    settings.SELLER_INVOICE_NUMBER = "T7000012050002"

    seller = read_seller()

    assert (seller.name, seller.address) == ("Minato K.K.", "Tokyo")
    assert seller.invoice_number == "T7000012050002"
    assert seller.email == "shop@minato-tv.example"


def test_without_settings_the_shop_s_name_stands(settings: Any) -> None:
    settings.SELLER_NAME = ""
    with translation.override("ja"):
        assert read_seller().name == settings.SHOP_NAME["ja"]


def test_staff_enter_one_row_and_change_it(admin_client: Client) -> None:
    assert admin_client.post(f"{PAGE}add/", FORM).status_code == 302
    assert admin_client.get(f"{PAGE}add/").status_code == 403
    with translation.override("ja"):
        assert read_seller().name == "株式会社みなと"
    with translation.override("en"):
        assert read_seller().name == "Minato K.K."

    changed = {**FORM, "phone": "03-9999-0000"}
    assert admin_client.post(f"{PAGE}1/change/", changed).status_code == 302

    assert read_seller().phone == "03-9999-0000"
    assert ShopProfile.objects.count() == 1


def test_the_form_begins_with_the_settings(admin_client: Client, settings: Any) -> None:
    settings.SELLER_PHONE = "03-5555-6666"

    assert "03-5555-6666" in admin_client.get(f"{PAGE}add/").content.decode()


def test_it_is_not_deleted(admin_client: Client) -> None:
    admin_client.post(f"{PAGE}add/", FORM)

    assert admin_client.post(f"{PAGE}1/delete/", {"post": "yes"}).status_code == 403

    assert ShopProfile.objects.count() == 1


@pytest.mark.parametrize("number", ["7000012050002", "T123", "T0000012050002"])
def test_a_number_of_another_form_is_refused(admin_client: Client, number: str) -> None:
    answer = admin_client.post(f"{PAGE}add/", {**FORM, "invoice_number": number})

    assert answer.status_code == 200
    assert "T and 13 digits" in answer.content.decode()
    assert not ShopProfile.objects.exists()


def test_a_wrong_check_digit_is_said_but_saved(admin_client: Client) -> None:
    form = {**FORM, "invoice_number": "T7000012050003"}

    answer = admin_client.post(f"{PAGE}add/", form, follow=True)

    assert "is not the number of a company" in answer.content.decode()
    assert read_seller().invoice_number == "T7000012050003"


def test_the_database_takes_no_second_row() -> None:
    ShopProfile.objects.create(pk=1, name_ja="a", name_en="a")
    with pytest.raises(IntegrityError):
        ShopProfile.objects.create(pk=2, name_ja="b", name_en="b")


@pytest.mark.parametrize(
    ("number", "is_one", "is_company"),
    [
        ("T7000012050002", True, True),
        ("T7010705000725", True, True),
        ("T1234567890123", True, False),
    ],
)
def test_numbers_are_checked(number: str, is_one: bool, is_company: bool) -> None:
    assert is_invoice_number(number) is is_one
    assert is_of_a_company(number) is is_company
