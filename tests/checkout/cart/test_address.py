"""A postcode fills in the address, and is compared with the prefecture."""

import pytest
from django.test import Client

from checkout.cart.address import fill_in, is_unfinished, problem_of
from checkout.cart.models import TemporaryOrder
from checkout.postcodes.areas import Area
from checkout.postcodes.services import replace
from shop.catalogue.models import Product
from tests.support.shopping import (
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    text_of,
)

AZABU = {"prefecture": "tokyo", "city": "港区", "street": "西麻布"}
EMPTY = {"prefecture": "", "city": "", "street": ""}


@pytest.fixture(autouse=True)
def postcodes(db: None) -> None:
    replace(
        [
            Area("1060031", "tokyo", "港区", "西麻布"),
            Area("5300001", "osaka", "大阪市北区", "梅田"),
            Area("4980000", "aichi", "弥富市"),
            Area("4980000", "mie", "桑名郡木曽岬町"),
        ]
    )


def filled(**typed: str) -> dict[str, str]:
    return dict(fill_in(EMPTY | {"postcode": "1060031"} | typed).values)


def test_an_empty_address_is_filled_in() -> None:
    assert filled() == AZABU
    assert fill_in({"postcode": "１０６ー００３１"}).sentence == (
        "Filled in: Tokyo 港区西麻布"
    )


def test_what_was_typed_stays() -> None:
    assert filled(city="Minato-ku", street="Nishi-Azabu 1-2-3") == {
        "prefecture": "tokyo"
    }


def test_another_prefecture_is_told_and_nothing_changed() -> None:
    found = fill_in({"postcode": "106-0031", "prefecture": "osaka"})

    assert found.values == {}
    assert found.sentence == "106-0031 is in Tokyo 港区, but you chose Osaka."
    assert found.other == "Tokyo 港区"


def test_the_postcode_s_address_is_taken_if_the_customer_says_so() -> None:
    typed = {"postcode": "106-0031", "prefecture": "osaka", "city": "大阪市北区"}

    assert fill_in(typed, replace=True).values == AZABU
    numbered = typed | {"street": "西麻布1-2-3"}
    assert "street" not in fill_in(numbered, replace=True).values


def test_of_a_postcode_in_two_prefectures_the_chosen_one_counts() -> None:
    both = fill_in(EMPTY | {"postcode": "498-0000"})
    assert both.values == {}
    assert both.sentence == (
        "This postcode is in Aichi 弥富市, Mie 桑名郡木曽岬町. "
        "Please choose the prefecture."
    )
    assert filled(postcode="498-0000", prefecture="mie") == {"city": "桑名郡木曽岬町"}
    assert problem_of("498-0000", "aichi") == ""
    assert problem_of("498-0000", "tokyo") == (
        "498-0000 is in Aichi 弥富市, Mie 桑名郡木曽岬町, but you chose Tokyo."
    )


@pytest.mark.parametrize(
    ("postcode", "sentence"),
    [
        ("999-9999", "We do not know this postcode. Please enter the address."),
        ("12", "Enter a postcode of 7 digits, such as 106-0031."),
    ],
)
def test_what_is_unknown_is_said(postcode: str, sentence: str) -> None:
    found = fill_in({"postcode": postcode})
    assert (found.values, found.sentence) == ({}, sentence)


def test_a_town_without_a_number_is_unfinished() -> None:
    assert is_unfinished("106-0031", "西麻布")
    assert not is_unfinished("106-0031", "西麻布1-2-3")
    assert not is_unfinished("498-0000", "")


def test_the_button_fills_in_and_keeps_all_that_was_typed(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    typed = RECIPIENT | EMPTY | {"email": "hana", "delivery": "mailbox"}

    answer = client.post(INFORMATION, typed | {"act": "fill_in"})

    page = text_of(answer)
    assert answer.status_code == 200
    assert '<option value="tokyo" selected>' in page
    assert 'value="港区"' in page
    assert 'value="hana"' in page
    assert 'value="mailbox" id="id_delivery_2" checked' in page.replace(" required", "")
    assert "There is a problem" not in page
    assert not TemporaryOrder.objects.exists()


def test_a_mismatch_is_asked_about_once(client: Client, mug: Product) -> None:
    fill(client, {"MUG-01": 1})
    typed = RECIPIENT | {"prefecture": "osaka"}

    page = text_of(client.post(INFORMATION, typed))

    assert "106-0031 is in Tokyo 港区, but you chose Osaka." in page
    assert 'name="insisted" id="id_insisted" value="106-0031 osaka"' in page
    assert not TemporaryOrder.objects.exists()
    other = client.post(INFORMATION, typed | {"insisted": "530-0001 tokyo"})
    assert other.status_code == 200
    answer = client.post(INFORMATION, typed | {"insisted": "106-0031 osaka"})
    assert answer["Location"] == CONFIRMATION
    assert TemporaryOrder.objects.get().prefecture == "osaka"


def test_a_town_alone_is_not_an_address(client: Client, mug: Product) -> None:
    fill(client, {"MUG-01": 1})
    page = text_of(client.post(INFORMATION, RECIPIENT | {"street": "西麻布"}))
    assert '<a href="#id_street">Add the block and number' in page


def test_another_language_keeps_all_that_was_typed(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    typed = RECIPIENT | {"email": "hana", "phone": "", "language": "ja"}

    answer = client.post(INFORMATION, typed)

    page = text_of(answer)
    assert 'lang="ja"' in page
    assert "お客様情報の入力" in page
    assert 'value="hana"' in page
    assert 'value="西麻布1-2-3"' in page
    assert answer.cookies["django_language"].value == "ja"
    assert "お客様情報の入力" in text_of(client.get(INFORMATION))
    assert not TemporaryOrder.objects.exists()


def test_a_language_that_nobody_offers_changes_nothing(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    answer = client.post(INFORMATION, RECIPIENT | {"language": "xx"})
    assert (answer.status_code, "django_language" in answer.cookies) == (200, False)
    assert "Your details" in text_of(answer)
