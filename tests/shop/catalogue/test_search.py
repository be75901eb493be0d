# ruff: noqa: RUF001 - wide letters are what these tests are about

import pytest

from shop.catalogue.models import Product
from shop.catalogue.services import index_category, index_product
from tests.support.catalogue import make_category, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def found(query: str) -> list[str]:
    products = Product.objects.on_sale().matching(query)
    return sorted(products.values_list("slug", flat=True))


@pytest.fixture
def goods() -> None:
    make_product(
        "plush",
        skus=("PLUSH-L",),
        name_en="Telebi-kun Plush",
        name_ja="テレビくん ぬいぐるみ 大",
        programme_en="Good Morning Minato",
        programme_ja="おはようみなと",
        category=make_category("characters"),
    )
    make_product("mug", skus=("MUG-01",), name_ja="朝の番組マグカップ")


@pytest.mark.parametrize(
    "query",
    [
        "テレビ",
        "てれび",
        "ﾃﾚﾋﾞ",
        "ぬいぐる",
        "ヌイグルミ",
        "telebi",
        "TELEBI-KUN",
        "ｐｌｕｓｈ",
    ],
)
def test_a_part_of_a_name_is_found_however_it_is_written(
    goods: None, query: str
) -> None:
    assert found(query) == ["plush"]


@pytest.mark.parametrize(
    "query", ["plush-l", "ohayou", "おはよう", "オハヨウ", "characters"]
)
def test_codes_programmes_and_categories_are_found_too(goods: None, query: str) -> None:
    expected = [] if query == "ohayou" else ["plush"]
    assert found(query) == expected


def test_every_word_must_be_there_in_any_order(goods: None) -> None:
    assert found("大 てれび") == ["plush"]
    assert found("てれび まぐ") == []


def test_a_word_does_not_match_across_two_texts(goods: None) -> None:
    assert found("plushテレビ") == []


def test_signs_of_the_database_are_ordinary_letters(goods: None) -> None:
    assert found("%") == []
    assert found("_") == []


def test_the_folded_text_follows_only_when_indexed(goods: None) -> None:
    mug = Product.objects.get(slug="mug")
    mug.name_en = "Beaker"
    mug.save()
    assert found("beaker") == []
    index_product(mug.pk)
    assert found("beaker") == ["mug"]
    assert found("morning mug") == []


def test_a_renamed_category_is_indexed_for_all_its_products(goods: None) -> None:
    category = make_category("kitchen")
    category.name_ja = "台所"
    category.save()
    assert index_category(category.pk) == 1
    assert found("台所") == ["mug"]


def test_indexing_sets_the_first_picture_and_forgets_it_with_the_last() -> None:
    product = make_product("tee", skus=("TEE-01",), pictures=2)
    first, second = product.pictures.all()
    assert product.cover == first
    first.delete()
    index_product(product.pk)
    product.refresh_from_db()
    assert product.cover == second
    second.delete()
    index_product(product.pk)
    product.refresh_from_db()
    assert product.cover is None
