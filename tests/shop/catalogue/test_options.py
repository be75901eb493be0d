"""Variants of up to three options are chosen step by step, each with its own stock."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from checkout.cart.models import CartLine
from shop.catalogue.choices import sku_of
from shop.catalogue.models import Option, OptionValue, Picture, Product, Variant
from shop.catalogue.services import index_option, index_product
from tests.shop.catalogue.test_admin import product_form, table
from tests.support.catalogue import make_category, make_product, make_variant
from tests.support.shopping import ADD

pytestmark = pytest.mark.django_db


def make_option(name: str, *values: str, position: int = 0) -> list[OptionValue]:
    option = Option.objects.create(name_en=name, name_ja=f"和{name}", position=position)
    return [
        OptionValue.objects.create(
            option=option, name_en=value, name_ja=f"和{value}", position=place
        )
        for place, value in enumerate(values)
    ]


def make_shirt(stock: dict[str, int]) -> Product:
    """Create a shirt whose SKUs say colour and size, such as TEE-WHITE-M."""
    values = {
        value.name_en.upper(): value
        for value in (
            *make_option("Colour", "White", "Navy"),
            *make_option("Size", "M", "L", position=1),
        )
    }
    shirt = make_product("tee", skus=(), pictures=2, name_en="Tee")
    for position, (sku, units) in enumerate(stock.items()):
        _tee, colour, size = sku.split("-")
        make_variant(
            shirt,
            sku,
            units=units,
            position=position,
            value_1=values[colour],
            value_2=values[size],
        )
    index_product(shirt.pk)
    return shirt


STOCK = {"TEE-WHITE-M": 0, "TEE-WHITE-L": 3, "TEE-NAVY-M": 9, "TEE-NAVY-L": 0}


def radios(client: Client) -> dict[str, list[tuple[str, str]]]:
    """Return the fields of the product's page: name -> value and what else is set."""
    page = client.get("/p/tee/").content.decode()
    found: dict[str, list[tuple[str, str]]] = {}
    for name, value, rest in re.findall(
        r'<input type="radio" name="([^"]+)" value="([^"]+)" required([^>]*)>', page
    ):
        found.setdefault(name, []).append((value, rest.strip()))
    return found


def test_each_value_of_the_first_option_has_its_variants_beneath(
    client: Client,
) -> None:
    make_shirt(STOCK)
    white, navy = OptionValue.objects.filter(option__name_en="Colour")
    assert radios(client) == {
        "pick": [(str(white.pk), "checked"), (str(navy.pk), "")],
        f"pick-{white.pk}": [("TEE-WHITE-M", "disabled"), ("TEE-WHITE-L", "checked")],
        f"pick-{navy.pk}": [("TEE-NAVY-M", "checked"), ("TEE-NAVY-L", "disabled")],
    }
    page = client.get("/p/tee/").content.decode()
    assert "<legend>Colour</legend>" in page
    assert page.count("<legend>Size</legend>") == 2
    assert page.count("3 left") == 1


def test_a_value_of_which_all_is_sold_out_cannot_be_chosen(client: Client) -> None:
    make_shirt(STOCK | {"TEE-WHITE-L": 0})
    assert [rest for _value, rest in radios(client)["pick"]] == ["disabled", "checked"]


@pytest.mark.parametrize(("colour", "sku"), [(0, "TEE-WHITE-L"), (1, "TEE-NAVY-M")])
def test_only_the_chosen_path_counts(client: Client, colour: int, sku: str) -> None:
    make_shirt(STOCK)
    white, navy = OptionValue.objects.filter(option__name_en="Colour")
    sent = {
        "pick": str([white, navy][colour].pk),
        f"pick-{white.pk}": "TEE-WHITE-L",
        f"pick-{navy.pk}": "TEE-NAVY-M",
        "quantity": "1",
    }
    assert client.post(ADD, sent).status_code == 303
    assert CartLine.objects.get().variant.sku == sku


def test_three_options_are_three_steps() -> None:
    sent = {"pick": "1", "pick-1": "5", "pick-2": "X", "pick-1-5": "A-1", "sku": "B"}
    assert sku_of(sent) == "A-1"
    assert sku_of({"sku": "B"}) == "B"
    assert sku_of({"pick": "A-1"}) == "A-1"
    assert sku_of({}) == ""


def test_nothing_chosen_is_said(client: Client) -> None:
    answer = client.post(ADD, {"quantity": "1"}, follow=True)
    assert "Choose one of the variants." in answer.content.decode()


def test_a_variant_is_named_by_its_values_in_both_languages(client: Client) -> None:
    make_shirt(STOCK)
    variant = Variant.objects.get(sku="TEE-WHITE-L")
    assert (variant.label_en, variant.label_ja) == ("White / L", "和White / 和L")
    assert "Tee" in client.get("/search/?q=navy").content.decode()

    value = OptionValue.objects.get(name_en="White")
    OptionValue.objects.filter(pk=value.pk).update(name_en="Ivory")
    assert index_option(value.option_id) == 1

    variant.refresh_from_db()
    assert variant.label_en == "Ivory / L"


def test_the_cart_shows_the_picture_of_the_variant(client: Client) -> None:
    shirt = make_shirt(STOCK)
    Picture.objects.filter(product=shirt, position=1).update(
        renditions=[{"name": "pictures/navy.webp", "width": 320, "height": 320}]
    )
    second = shirt.pictures.get(position=1)
    Variant.objects.filter(sku="TEE-NAVY-M").update(picture=second)
    client.post(ADD, {"sku": "TEE-NAVY-M", "quantity": 1})
    for path in ("/cart/", "/p/tee/"):
        assert "pictures/navy.webp" in client.get(path).content.decode()
    second.delete()
    assert "pictures/navy.webp" not in client.get("/cart/").content.decode()


def test_two_variants_of_the_same_values_are_refused() -> None:
    shirt = make_shirt(STOCK)
    values: dict[str, Any] = {"value_1": OptionValue.objects.get(name_en="White")}
    make_variant(shirt, "TEE-A", **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_variant(shirt, "TEE-B", **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_variant(shirt, "TEE-C", value_2=OptionValue.objects.get(name_en="M"))
    assert shirt.variants.count() == 5


def post_variants(client: Client, rows: list[dict[str, Any]]) -> str:
    """Send a new product with these variants. Return the page, "" if it was saved."""
    usual = {"price_minor": 900, "weight_grams": 0, "position": 0, "is_active": "on"}
    form = product_form(make_category())
    form |= table("variants", [usual | row for row in rows])
    answer = client.post(reverse("admin:catalogue_product_add"), form)
    return "" if answer.status_code == 302 else str(answer.content.decode())


def test_the_form_refuses_variants_that_no_page_could_ask_for(
    admin_client: Client,
) -> None:
    white, navy = make_option("Colour", "White", "Navy")
    (small,) = make_option("Size", "S")
    one, other = {"sku": "A-1", "value_1": white.pk}, {"sku": "A-2"}
    for row, words in (
        (other, "All variants need the same options, in the same order."),
        (other | {"value_1": small.pk}, "All variants need the same options"),
        (other | {"value_1": white.pk}, "Two variants have the same options."),
    ):
        assert words in post_variants(admin_client, [one, row])
    twice = {"value_1": white.pk, "value_2": navy.pk}
    assert "each option once only" in post_variants(admin_client, [one | twice])
    assert not Product.objects.exists()

    assert not post_variants(admin_client, [one, other | {"value_1": navy.pk}])
    assert Variant.objects.get(sku="A-2").label_en == "Navy"


def test_a_used_value_is_not_deleted(admin_client: Client) -> None:
    make_shirt(STOCK)
    option = Option.objects.get(name_en="Colour")
    address = reverse("admin:catalogue_option_delete", args=[option.pk])
    admin_client.post(address, {"post": "yes"})
    assert Option.objects.filter(pk=option.pk).exists()
