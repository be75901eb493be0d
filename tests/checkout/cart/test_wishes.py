# ruff: noqa: RUF001 (full-width characters are the point)
"""Furigana, gift, the receipt's name, a billing address and a note."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.cart.forms import InformationForm
from checkout.cart.models import TemporaryOrder
from checkout.cart.text import normalise_kana
from orders.models import BILLING, WISHES, Order
from orders.models.wishes import LONGEST_GIFT_MESSAGE, LONGEST_NOTE
from shop.catalogue.models import Product
from tests.support.shopping import (
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    fill_and_inform,
    text_of,
)

BILL = {
    "has_billing": "on",
    "billing_name": "港産業株式会社",
    "billing_postcode": "１０５００１１",
    "billing_prefecture": "tokyo",
    "billing_city": "港区",
    "billing_street": "芝公園４ー２ー８",
    "billing_building": "",
}
ALL = BILL | {
    "name_kana": "みなと　ﾊﾅｺ",
    "receipt_name": "港産業株式会社",
    "note": "玄関先でお電話ください。\r\n二行目",
    "gift": "plain",
    "gift_message": "お誕生日おめでとう",
}


def typed(**changes: str) -> InformationForm:
    return InformationForm(RECIPIENT | changes)


@pytest.mark.parametrize(
    ("text", "kana"),
    [
        ("みなと　はなこ", "ミナト ハナコ"),
        ("ﾐﾅﾄ ﾊﾅｺ", "ミナト ハナコ"),
        ("ｶﾞｰﾄﾞ", "ガード"),
        ("ジョ−ジ・サ-ル", "ジョージ・サール"),
        ("いすゞ", "イスヾ"),
        ("ゔぃーな", "ヴィーナ"),
    ],
)
def test_kana_of_any_kind_become_katakana(text: str, kana: str) -> None:
    assert normalise_kana(text) == kana


@pytest.mark.parametrize("text", ["港 花子", "Hanako", "ミナト花子", "ー", "123"])
def test_a_name_in_other_letters_is_no_furigana(text: str) -> None:
    with pytest.raises(ValidationError):
        normalise_kana(text)


@pytest.mark.parametrize(
    ("setting", "errors"),
    [("required", ["name_kana"]), ("optional", []), ("off", [])],
)
def test_furigana_is_asked_for_as_it_is_set(
    settings: Settings, setting: str, errors: list[str]
) -> None:
    settings.FURIGANA = setting
    form = typed()
    assert list(form.errors) == errors
    assert ("name_kana" in form.fields) == (setting != "off")


def test_wrapping_is_offered_only_if_the_shop_wraps(settings: Settings) -> None:
    assert list(typed(gift="wrapped").errors) == ["gift"]
    settings.GIFT_WRAPPING = True
    assert typed(gift="wrapped").is_valid()


def test_a_message_goes_with_a_gift_only() -> None:
    form = typed(gift_message="x" * 999)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["gift_message"] == ""
    assert list(typed(gift="plain", gift_message="x" * 201).errors) == ["gift_message"]


def test_a_billing_address_is_whole_or_none() -> None:
    assert set(typed(has_billing="on").errors) == set(BILLING) - {"billing_building"}
    without = typed(**{**BILL, "has_billing": "", "billing_postcode": "12"})
    assert without.is_valid(), without.errors
    assert [without.cleaned_data[name] for name in BILLING] == [""] * len(BILLING)


def test_the_columns_hold_what_the_form_takes() -> None:
    fields = InformationForm().fields
    columns = {
        column.name: getattr(column, "max_length", None)
        for column in Order._meta.local_fields
    }
    for name in WISHES:
        # A choice has no length, and a postcode is kept in a shorter spelling.
        longest = getattr(fields[name], "max_length", None)
        if name != "billing_postcode" and longest:
            assert longest == columns[name], name
    assert (LONGEST_NOTE, LONGEST_GIFT_MESSAGE) == (300, 200)


@pytest.mark.both_databases
def test_all_of_it_is_kept_and_shown_at_the_confirmation(
    client: Client, mug: Product
) -> None:
    cart = fill_and_inform(client, {"MUG-01": 1}, **ALL)

    kept = TemporaryOrder.objects.get(cart=cart)
    assert kept.name_kana == "ミナト ハナコ"
    assert kept.billing_postcode == "105-0011"
    assert kept.billing_street == "芝公園4-2-8"
    assert kept.note == "玄関先でお電話ください。\n二行目"
    page = text_of(client.get(CONFIRMATION))
    for text in (
        "ミナト ハナコ",
        "Gift: no prices in the parcel",
        "お誕生日おめでとう",
        "〒105-0011<br>Tokyo 港区<br>芝公園4-2-8<br>港産業株式会社",
        "玄関先でお電話ください。<br>二行目",
    ):
        assert text in page
    again = text_of(client.get(INFORMATION))
    assert '<details class="card wishes" id="wishes" open>' in again
    assert 'id="id_has_billing" checked' in again


@pytest.mark.both_databases
def test_the_longest_of_everything_fits_its_column(
    client: Client, mug: Product
) -> None:
    longest = ALL | {
        "name_kana": "ア" * 100,
        "receipt_name": "株" * 100,
        "billing_name": "株" * 100,
        "billing_city": "市" * 100,
        "billing_street": "町" * 150,
        "billing_building": "棟" * 150,
        "note": "備" * LONGEST_NOTE,
        "gift_message": "祝" * LONGEST_GIFT_MESSAGE,
    }
    cart = fill_and_inform(client, {"MUG-01": 1}, **longest)
    assert len(TemporaryOrder.objects.get(cart=cart).note) == LONGEST_NOTE


def test_an_error_opens_the_folded_part_and_loses_no_input(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    page = text_of(
        client.post(INFORMATION, RECIPIENT | ALL | {"billing_postcode": "12"})
    )
    assert '<details class="card wishes" id="wishes" open>' in page
    assert '<a href="#id_billing_postcode">Enter a postcode of 7 digits' in page
    assert "お誕生日おめでとう</textarea>" in page
    assert 'value="港産業株式会社"' in page


def test_without_wishes_the_part_is_folded(client: Client, mug: Product) -> None:
    fill_and_inform(client, {"MUG-01": 1})
    assert '<details class="card wishes" id="wishes">' in text_of(
        client.get(INFORMATION)
    )
