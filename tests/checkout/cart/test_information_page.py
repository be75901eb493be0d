# ruff: noqa: RUF001 (full-width characters are the point)
"""Information entry."""

import pytest
from django.test import Client

from checkout.cart.models import TemporaryOrder
from checkout.cart.services import freeze
from shop.catalogue.models import Product
from tests.support.shopping import (
    CART,
    CONFIRMATION,
    INFORMATION,
    RECIPIENT,
    fill,
    fill_and_inform,
    text_of,
)


@pytest.mark.parametrize("address", [INFORMATION, CONFIRMATION])
def test_without_a_cart_there_is_nothing_to_enter(
    client: Client, db: None, address: str
) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (303, CART)


def test_the_page_shows_the_step_of_the_purchase(client: Client, mug: Product) -> None:
    fill(client, {"MUG-01": 1})
    page = text_of(client.get(INFORMATION))
    assert '<li aria-current="step"> Information' in page
    assert "No account needed." in page
    assert "Nothing is ordered or charged yet." in page


def test_what_was_entered_is_kept_and_leads_to_the_confirmation(
    client: Client, mug: Product
) -> None:
    cart = fill_and_inform(client, {"MUG-01": 1}, postcode="１０６００３１")
    kept = TemporaryOrder.objects.get(cart=cart)
    assert kept.postcode == "106-0031"
    page = text_of(client.get(INFORMATION))
    assert 'value="hanako@customer.example"' in page
    assert '<option value="tokyo" selected>' in page


def test_an_error_is_summed_up_linked_and_loses_no_input(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    answer = client.post(INFORMATION, RECIPIENT | {"postcode": "12", "city": ""})
    page = text_of(answer)
    assert answer.status_code == 200
    assert "<title>Error: Your details" in page.replace("<title> ", "<title>")
    assert '<a href="#id_postcode">Enter a postcode of 7 digits' in page
    assert '<a href="#id_city">Enter the city or ward.</a>' in page
    assert 'value="西麻布1-2-3"' in page
    assert 'value="12"' in page
    assert not TemporaryOrder.objects.exists()


def test_delivery_is_chosen_by_radio_buttons(client: Client, mug: Product) -> None:
    fill(client, {"MUG-01": 1})
    page = text_of(client.get(INFORMATION))
    assert page.count('type="radio" name="delivery"') == 3
    assert 'value="door"' in page


def test_it_speaks_japanese_prefectures_or_english_ones(
    client: Client, mug: Product
) -> None:
    fill(client, {"MUG-01": 1})
    page = text_of(client.get(INFORMATION))
    assert page.index("Hokkaido") < page.index("Tokyo") < page.index("Okinawa")


def test_a_cart_that_is_frozen_meanwhile_keeps_its_information(
    client: Client, mug: Product
) -> None:
    cart = fill_and_inform(client, {"MUG-01": 1})
    assert freeze(cart)
    answer = client.post(INFORMATION, RECIPIENT | {"city": "渋谷区"})
    assert (answer.status_code, answer["Location"]) == (303, CART)
    assert TemporaryOrder.objects.get(cart=cart).city == "港区"
