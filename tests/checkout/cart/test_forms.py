# ruff: noqa: RUF001 (full-width characters are the point)
"""Forms accept all ways of typing."""

import pytest
from django.core.exceptions import ValidationError

from checkout.cart.forms import InformationForm
from checkout.cart.text import normalise_phone, normalise_postcode
from orders.models import WISHES
from shop.text.typed import fold
from tests.support.shopping import RECIPIENT


def typed(**changes: str) -> InformationForm:
    return InformationForm(RECIPIENT | changes)


@pytest.mark.parametrize(
    "text",
    [
        "1060031",
        "106-0031",
        "〒106-0031",
        "１０６００３１",
        "１０６－００３１",
        "106ー0031",
        "106−0031",
        "106 0031",
        " 106‐0031 ",
    ],
)
def test_a_postcode_has_one_spelling(text: str) -> None:
    assert normalise_postcode(text) == "106-0031"


@pytest.mark.parametrize(
    "text",
    [
        "106-003",
        "106-00311",
        "10a-0031",
        "〒",
        "一二三",
        "0000000",
        "106003²",
        "106-003①",
        "١٠٦٠٠٣١",
    ],
)
def test_no_postcode(text: str) -> None:
    with pytest.raises(ValidationError):
        normalise_postcode(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("09012345678", "090-1234-5678"),
        ("０９０ー１２３４ー５６７８", "090-1234-5678"),
        ("090.1234.5678", "090-1234-5678"),
        ("+81 90-1234-5678", "090-1234-5678"),
        ("+81(0)90 1234 5678", "090-1234-5678"),
        ("03(1234)5678", "03-1234-5678"),
        ("0312345678", "03-1234-5678"),
        ("0120-123-456", "0120-123-456"),
        ("0771 23 4567", "0771234567"),
        ("+49 30 1234567", "+49301234567"),
    ],
)
def test_a_phone_number_has_one_spelling(text: str, kept: str) -> None:
    assert normalise_phone(text) == kept


@pytest.mark.parametrize(
    "text", ["110", "12345678901", "090-1234", "no", "+0123", "-", "0901234567⁸"]
)
def test_no_phone_number(text: str) -> None:
    with pytest.raises(ValidationError):
        normalise_phone(text)


def test_full_width_input_is_accepted_everywhere() -> None:
    form = typed(
        email="Ｈａｎａ＠ｅｘａｍｐｌｅ．ｊｐ",
        name="　港　　花子 ",
        postcode="１０６００３１",
        phone="０９０１２３４５６７８",
        street="西麻布１ー２−３",
        building="ｺｰﾎﾟみなと　１０１",
    )
    assert form.is_valid(), form.errors
    assert form.cleaned_data == RECIPIENT | dict.fromkeys(WISHES, "") | {
        "email": "Hana@example.jp",
        "name": "港 花子",
        "street": "西麻布1-2-3",
        "building": "コーポみなと 101",
        "country": "JP",
        "region": "",
    }


def test_a_long_vowel_in_a_name_is_no_hyphen() -> None:
    form = typed(street="センタービル１ー２", building="タワー")
    assert form.is_valid()
    assert form.cleaned_data["street"] == "センタービル1-2"
    assert form.cleaned_data["building"] == "タワー"


def test_names_keep_their_own_characters() -> None:
    # Compatibility ideographs: NFKC alone would turn them into the common ones.
    assert fold("\ufa19谷\ufa10") == "\ufa19谷\ufa10"


def test_only_the_building_may_be_left_out() -> None:
    form = InformationForm({})
    assert not form.is_valid()
    assert set(form.errors) == set(RECIPIENT) - {"building"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "hanako@"),
        ("postcode", "12"),
        ("phone", "12"),
        ("prefecture", "atlantis"),
        ("delivery", "drone"),
        ("name", "x" * 101),
    ],
)
def test_an_error_is_shown_at_its_field(field: str, value: str) -> None:
    assert list(typed(**{field: value}).errors) == [field]


@pytest.mark.parametrize(
    ("field", "token"),
    [
        ("email", "email"),
        ("name", "name"),
        ("phone", "tel"),
        ("postcode", "postal-code"),
        ("prefecture", "address-level1"),
        ("city", "address-level2"),
        ("street", "address-line1"),
        ("building", "address-line2"),
    ],
)
def test_browsers_can_fill_it_in(field: str, token: str) -> None:
    assert f'autocomplete="{token}"' in str(InformationForm()[field])


def test_small_keyboards_fit_the_field() -> None:
    form = InformationForm()
    assert 'inputmode="numeric"' in str(form["postcode"])
    assert 'inputmode="email"' in str(form["email"])
    assert 'type="tel"' in str(form["phone"])


def test_the_address_is_asked_in_japanese_order() -> None:
    asked = [name for name in InformationForm().fields if name in RECIPIENT]
    order = ["postcode", "prefecture", "city", "street", "building"]
    assert [name for name in asked if name in order] == order
