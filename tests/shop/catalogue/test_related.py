"""Beside a product stand the goods that staff chose, else others of its category."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from shop.catalogue.models import Product, RelatedProduct
from tests.support.catalogue import make_category, make_product

pytestmark = pytest.mark.django_db


def related(client: Client) -> list[str]:
    page = client.get("/p/mug/").content.decode()
    return re.findall(r'<h3 class="goods-name"><a href="/p/([\w-]+)/"', page)


def make(slug: str, category: str = "kitchen", **fields: Any) -> Product:
    sku = slug.upper()
    return make_product(
        slug, skus=(sku,), category=make_category(category), pictures=0, **fields
    )


def test_without_a_choice_others_of_the_category_are_shown(
    mug: Product, client: Client
) -> None:
    for number in range(6):
        make(f"cup-{number}", position=number)
    make("tea", "food")
    assert related(client) == ["cup-0", "cup-1", "cup-2", "cup-3"]


def test_what_staff_chose_is_shown_in_their_order(mug: Product, client: Client) -> None:
    make("cup")
    for position, slug in enumerate(["bag", "tea"]):
        goods = make(slug, "food")
        RelatedProduct.objects.create(product=mug, goods=goods, position=9 - position)
    assert related(client) == ["tea", "bag"]


def test_what_is_not_on_sale_is_left_out(mug: Product, client: Client) -> None:
    tea = make("tea", "food", is_active=False)
    RelatedProduct.objects.create(product=mug, goods=tea)
    make("cup")
    assert related(client) == ["cup"]


def test_alone_in_its_category_a_product_has_no_such_heading(
    mug: Product, client: Client
) -> None:
    assert "You may also like" not in client.get("/p/mug/").content.decode()


def test_a_product_is_not_beside_itself_nor_twice(mug: Product) -> None:
    tea = make("tea")
    RelatedProduct.objects.create(product=mug, goods=tea)
    for goods in (mug, tea):
        with pytest.raises(IntegrityError), transaction.atomic():
            RelatedProduct.objects.create(product=mug, goods=goods)
    assert RelatedProduct.objects.count() == 1
