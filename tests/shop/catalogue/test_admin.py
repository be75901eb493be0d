import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from inventory.models import StockItem
from shop.catalogue.models import BundlePart, Category, Picture, Product, Variant
from tests.support.catalogue import make_category, make_product
from tests.support.uploads import encoded

Row = dict[str, Any]

pytestmark = pytest.mark.django_db


def table(prefix: str, rows: list[Row], initial: int = 0) -> Row:
    form = {
        f"{prefix}-TOTAL_FORMS": len(rows),
        f"{prefix}-INITIAL_FORMS": initial,
        f"{prefix}-MIN_NUM_FORMS": 0,
        f"{prefix}-MAX_NUM_FORMS": 1000,
    }
    for number, row in enumerate(rows):
        form |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return form


def product_form(category: Category, picture: Row | None = None) -> Row:
    variant = {
        "sku": "MUG-01",
        "price_minor": 1800,
        "weight_grams": 350,
        "position": 0,
        "is_active": "on",
    }
    return (
        {
            "category": category.pk,
            "slug": "mug",
            "name_en": "Mug",
            "name_ja": "マグカップ",
            "is_active": "on",
            "tax_rate": 10,
            "position": 0,
            "released_at_0": "2026-01-01",
            "released_at_1": "09:00:00",
        }
        | table("variants", [variant])
        | table("pictures", [picture] if picture else [])
        | table("related", [])
        | table("parts", [])
    )


def picture_row(name: str, content: bytes) -> Row:
    return {
        "file": SimpleUploadedFile(name, content),
        "alt_en": "A mug",
        "alt_ja": "マグカップ",
        "position": 0,
    }


def test_staff_add_a_product_with_variant_and_picture(admin_client: Client) -> None:
    form = product_form(make_category(), picture_row("mug.png", encoded()))
    response = admin_client.post(reverse("admin:catalogue_product_add"), form)
    assert response.status_code == 302, response.context["errors"]
    product = Product.objects.get()
    assert product.variants.get().price_minor == 1800
    assert product.cover == Picture.objects.get()
    assert "まぐかっぷ" in product.search_text
    assert "mug-01" in product.search_text


def test_a_renamed_category_is_found_by_its_new_name(admin_client: Client) -> None:
    product = make_product()
    address = reverse("admin:catalogue_category_change", args=[product.category_id])
    form = {"slug": "kitchen", "name_en": "Cooking", "name_ja": "台所", "position": 1}
    assert admin_client.post(address, form).status_code == 302
    product.refresh_from_db()
    assert "台所" in product.search_text


def test_the_list_is_searched_as_the_shop_is(admin_client: Client) -> None:
    make_product("mug")
    make_product("tee", skus=("TEE-01",), name_ja="ティーシャツ")
    address = reverse("admin:catalogue_product_changelist")
    found = admin_client.get(address, {"q": "てぃー"}).context["cl"].result_list
    assert [product.slug for product in found] == ["tee"]


def test_the_list_shows_prices_and_thumbnails(admin_client: Client) -> None:
    make_product("mug", price_minor=1800)
    make_product("bare", skus=(), pictures=0)
    make_product("tee", skus=("TEE-01", "TEE-02"), price_minor=900)
    Product.objects.get(slug="tee").variants.filter(sku="TEE-02").update(
        price_minor=950
    )
    text = admin_client.get(
        reverse("admin:catalogue_product_changelist")
    ).content.decode()
    assert "¥1,800" in text
    assert "¥900 - ¥950" in text
    assert 'width="48"' in text


def test_the_list_shows_the_units_of_all_variants(admin_client: Client) -> None:
    make_product("tee", skus=("TEE-01", "TEE-02"), units=7)
    StockItem.objects.filter(sku="TEE-01").update(held=3)
    make_product("bare", skus=(), pictures=0)
    page = admin_client.get(reverse("admin:catalogue_product_changelist"))
    columns = re.findall(r'field-(on_hand|free)">(\d+)<', page.content.decode())
    assert columns == [
        ("on_hand", "14"),
        ("free", "11"),
        ("on_hand", "0"),
        ("free", "0"),
    ]


def test_the_list_asks_the_same_for_any_number_of_products(
    admin_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = reverse("admin:catalogue_product_changelist")
    make_product("p", skus=("P-1", "P-2"))
    admin_client.get(address)
    with CaptureQueriesContext(connection) as few:
        admin_client.get(address)
    for index in range(12):
        make_product(f"p{index}", skus=(f"P-{index}-1", f"P-{index}-2"))
    with django_assert_num_queries(len(few)):
        admin_client.get(address)


@pytest.mark.parametrize("name", ["product", "category"])
def test_every_page_of_the_admin_opens(admin_client: Client, name: str) -> None:
    product = make_product()
    pk = product.pk if name == "product" else product.category_id
    for address in (
        reverse(f"admin:catalogue_{name}_changelist"),
        reverse(f"admin:catalogue_{name}_add"),
        reverse(f"admin:catalogue_{name}_change", args=[pk]),
    ):
        assert admin_client.get(address).status_code == 200


def part_row(sku: str, quantity: int = 1) -> Row:
    variant = Variant.objects.get(sku=sku)
    return {"variant": variant.pk, "quantity": quantity, "position": 0}


def test_staff_make_a_bundle_and_none_of_bundles(admin_client: Client) -> None:
    make_product("tea", skus=("TEA-01",))
    add = reverse("admin:catalogue_product_add")
    form = product_form(make_category())
    bundle = form | table("parts", [part_row("TEA-01", 2)])

    response = admin_client.post(add, bundle)
    assert response.status_code == 302, response.context["errors"]
    assert [str(part) for part in BundlePart.objects.all()] == ["2 x TEA-01"]

    other = form | {"slug": "all", "variants-0-sku": "ALL-01"}
    response = admin_client.post(add, other | table("parts", [part_row("MUG-01")]))
    assert "A bundle cannot be part of a bundle." in response.content.decode()
    assert BundlePart.objects.count() == 1

    unnamed = table("parts", [{"variant": "", "quantity": 2, "position": 0}])
    response = admin_client.post(add, other | unnamed)
    assert response.status_code == 200
    assert "This field is required." in response.content.decode()
