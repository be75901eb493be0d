# ruff: noqa: RUF001 - wide letters are what these tests are about

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from shop.catalogue.models import Product, Variant
from tests.support.catalogue import make_product, make_variant

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_the_database_refuses_an_unknown_tax_rate() -> None:
    make_product()
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.update(tax_rate=5)
    assert Product.objects.get().tax_rate == 10


def test_the_database_refuses_goods_for_nothing() -> None:
    make_product()
    with pytest.raises(IntegrityError), transaction.atomic():
        Variant.objects.update(price_minor=0)
    assert Variant.objects.get().price_minor == 1800


def test_a_sku_belongs_to_one_variant() -> None:
    product = make_product()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_variant(product, "MUG-01", units=0)
    assert Variant.objects.count() == 1


@pytest.mark.parametrize(
    "sku", ["mug-01", "MUG--01", "-MUG", "MUG 01", "MUG-01\n", "ＭＵＧ"]
)
def test_a_sku_is_capitals_digits_and_hyphens(sku: str) -> None:
    variant = make_product().variants.get()
    variant.sku = sku
    with pytest.raises(ValidationError) as refusal:
        variant.full_clean()
    assert list(refusal.value.message_dict) == ["sku"]
