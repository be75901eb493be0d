import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.shipping.models import (
    ShippingMethod,
    ShippingRate,
    ShippingZone,
    WorkingCalendar,
    ZonePrefecture,
    ZoneTransit,
)
from inventory.models import Movement, StockItem
from shop.catalogue.drawings import store_drawing
from shop.catalogue.models import Category, Picture, Product, Variant
from shop.local.demo import goods
from shop.local.demo.goods import read_goods
from tests.support.catalogue import make_product

FILES = sorted(goods.PICTURES.glob("*.svg"))


def test_every_product_has_its_pictures_and_no_file_is_left_over() -> None:
    pictures = [p for product in read_goods().products for p in product.pictures]
    names = [picture.file_name for picture in pictures]
    assert sorted(names) == sorted(path.name for path in FILES)
    assert len({picture.content for picture in pictures}) == len(pictures)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_picture_is_one_the_shop_accepts(path: Path) -> None:
    drawing = store_drawing(path.read_bytes())
    assert (drawing.width, drawing.height) == (600, 600)
    root = ET.fromstring(path.read_text())  # noqa: S314 - a file of this repository
    assert root.get("viewBox") == "0 0 600 600"
    assert "CC0" in "".join(root.itertext())


def test_a_colour_has_a_picture_of_its_own() -> None:
    tote = next(p for p in read_goods().products if p.slug == "location-lunch-tote")
    assert [picture.file_name for picture in tote.pictures] == [
        "location-lunch-tote-cream.svg",
        "location-lunch-tote-sky.svg",
        "location-lunch-tote-pink.svg",
        "location-lunch-tote-close-up.svg",
    ]
    assert tote.pictures[1].alt_en == "Location Lunch Tote, sky blue"


@pytest.mark.django_db
def test_a_missing_picture_is_named_and_nothing_is_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(goods, "PICTURES", tmp_path)
    with pytest.raises(CommandError, match=r"mascot-t-shirt\.svg is missing"):
        call_command("load_demo")
    assert not Category.objects.exists()
    assert not get_user_model().objects.exists()


def test_the_goods_are_whole_in_both_languages() -> None:
    demo = read_goods()
    assert len(demo.products) >= 24
    assert len({p.slug for p in demo.products}) == len(demo.products)
    assert {p.tax_rate for p in demo.products} == {8, 10}
    assert {p.category for p in demo.products} == {c.slug for c in demo.categories}
    for product in demo.products:
        assert product.name_en
        assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", product.name_ja)
        assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", product.description_ja)
        assert product.tax_rate == (8 if product.category == "food" else 10)


@pytest.mark.django_db
def test_the_demo_fills_an_empty_shop(client: Client) -> None:
    call_command("load_demo")
    assert Product.objects.on_sale().count() == len(read_goods().products)
    assert not Product.objects.filter(cover=None).exists()
    for variant in Variant.objects.all():
        variant.full_clean()
    for picture in Picture.objects.all():
        picture.full_clean()
    text = client.get("/", headers={"accept-language": "ja"}).content.decode()
    assert "マスコットTシャツ" in text
    assert "3 left" in client.get("/").content.decode()
    assert client.get("/search/?q=てれびくん").context["listing"].total >= 5
    assert "Sold out" in client.get("/c/media/").content.decode()


@pytest.mark.django_db
def test_every_demo_price_is_yen_and_can_be_bought() -> None:
    call_command("load_demo")
    assert set(Variant.objects.on_sale()) == set(Variant.objects.all())
    assert {variant.currency for variant in Variant.objects.all()} == {"JPY"}


@pytest.mark.django_db
def test_the_demo_has_higher_rates_for_far_prefectures() -> None:
    call_command("load_demo")
    rates = ShippingRate.objects.values_list(
        "zone__prefectures__prefecture", "rate_minor"
    )
    assert dict(rates) == {None: 600, "hokkaido": 1200, "okinawa": 1500}
    assert ShippingMethod.objects.get().free_from_minor == 5000


@pytest.mark.both_databases
@pytest.mark.django_db
def test_loading_again_changes_nothing() -> None:
    call_command("load_demo")
    before = _everything()
    call_command("load_demo")
    assert _everything() == before


@pytest.mark.django_db
def test_changes_of_staff_are_kept() -> None:
    call_command("load_demo")
    Product.objects.filter(slug="mascot-t-shirt").update(name_en="Our own name")
    Product.objects.get(slug="desk-calendar").delete()
    call_command("load_demo")
    assert Product.objects.get(slug="mascot-t-shirt").name_en == "Our own name"
    assert not Product.objects.filter(slug="desk-calendar").exists()


@pytest.mark.django_db
def test_a_shop_with_its_own_goods_gets_none_of_the_demo() -> None:
    make_product()
    call_command("load_demo")
    assert Product.objects.count() == 1


@pytest.mark.django_db
def test_the_demo_admin_can_sign_in() -> None:
    call_command("load_demo")
    user = authenticate(username="admin", password="admin-demo")
    assert user is not None
    assert user.is_superuser


@pytest.mark.django_db
def test_a_shop_with_an_admin_gets_no_other() -> None:
    get_user_model().objects.create_superuser("owner", password="own-secret")
    call_command("load_demo")
    assert not get_user_model().objects.filter(username="admin").exists()


@pytest.mark.django_db
def test_an_ordinary_user_called_admin_is_not_promoted() -> None:
    get_user_model().objects.create_user("admin", password="own-secret")
    call_command("load_demo")
    assert not get_user_model().objects.get(username="admin").is_superuser


@pytest.mark.django_db
def test_the_demo_is_refused_in_production(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError):
        call_command("load_demo")
    assert not Product.objects.exists()
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.django_db
def test_a_shop_can_begin_without_the_demo(settings: Settings, demo: bool) -> None:
    settings.DEMO = demo

    call_command("prepare", verbosity=0)

    assert Product.objects.exists() == demo
    assert get_user_model().objects.exists() == demo


def _everything() -> dict[str, list[object]]:
    rows: dict[str, list[object]] = {}
    catalogue = (Category, Product, Variant, Picture, StockItem, Movement)
    for model in (
        *catalogue,
        ShippingMethod,
        ShippingRate,
        ShippingZone,
        WorkingCalendar,
        ZonePrefecture,
        ZoneTransit,
    ):
        rows[model.__name__] = list(model.objects.order_by("pk").values())
    rows["users"] = list(get_user_model().objects.values())
    return rows
