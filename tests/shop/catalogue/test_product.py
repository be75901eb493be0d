import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from checkout.shipping.table import read_table
from orders.models import Order
from shop import database_clock
from shop.catalogue.models import Product, Variant
from shop.catalogue.models.release import published
from shop.money import Money
from shop.pages.frame import read_frame
from tests.conftest import Clock
from tests.support.catalogue import make_product, make_variant
from tests.support.clock import wrong_clock
from tests.support.shopping import fill_and_inform, purchase_form, text_of

pytestmark = pytest.mark.django_db


def page(client: Client, **headers: str) -> str:
    response = client.get("/p/mug/", headers=headers)
    assert response.status_code == 200
    return str(response.content.decode())


def radio(text: str, sku: str) -> str:
    match = re.search(rf'<input type="radio" name="sku" value="{sku}"[^>]*>', text)
    assert match is not None
    return match[0]


def test_the_page_shows_name_price_with_tax_and_delivery(
    client: Client, clock: Clock
) -> None:
    make_product(tax_rate=8, description_en="For early birds.")
    text = page(client)
    for expected in (
        "<h1>Morning Mug</h1>",
        "¥1,800",
        "tax included (8 %)",
        "For early birds.",
        "Order by Wed 2 Jan, 23:59 (Japan time): arrives <strong>Sat 5 Jan ",
    ):
        assert expected in text


def test_every_variant_is_a_choice_with_its_own_stock(client: Client) -> None:
    product = make_product(skus=("MUG-S",), units=0)
    make_variant(product, "MUG-M", units=3, position=1)
    make_variant(product, "MUG-L", units=9, position=2)
    text = page(client)
    assert "disabled" in radio(text, "MUG-S")
    assert "checked" not in radio(text, "MUG-S")
    assert "checked" in radio(text, "MUG-M")
    assert "checked" not in radio(text, "MUG-L")
    badges = re.findall(r'class="badge \w+">([^<]+)<', text)
    assert badges == ["Sold out", "3 left", "In stock"]


def test_a_variant_off_sale_is_not_offered(client: Client) -> None:
    product = make_product(skus=("MUG-S", "MUG-M"))
    Variant.objects.filter(product=product, sku="MUG-M").update(is_active=False)
    assert "MUG-M" not in page(client)


def test_different_prices_are_shown_at_each_choice(client: Client) -> None:
    product = make_product(price_minor=1800)
    make_variant(product, "MUG-XL", 2400)
    text = page(client)
    assert "from ¥1,800" in text
    assert "¥2,400" in text


def test_a_product_without_choice_needs_none(client: Client) -> None:
    product = make_product(skus=())
    make_variant(product, "MUG-01", label_en="", label_ja="")
    text = page(client)
    assert 'type="radio"' not in text
    assert '<input type="hidden" name="sku" value="MUG-01">' in text


def test_the_form_goes_to_the_cart_with_or_without_scripts(client: Client) -> None:
    make_product()
    address = reverse("checkout:cart_add")
    text = page(client)
    assert f'method="post" action="{address}" hx-post="{address}"' in text
    assert 'hx-target="#added"' in text
    assert '<div id="added" role="status"></div>' in text
    assert "csrfmiddlewaretoken" not in text


def test_a_sold_out_product_offers_no_button(client: Client) -> None:
    make_product(units=0)
    text = page(client)
    assert "Add to cart" not in text
    assert "Sold out." in text
    # What cannot be ordered arrives on no day.
    assert "Order within" not in text
    assert "Order by" not in text


def test_all_pictures_are_described(client: Client) -> None:
    make_product(pictures=3)
    text = page(client)
    for number in (1, 2, 3):
        assert f'alt="View {number}"' in text
    assert 'alt="写真1"' in page(client, **{"accept-language": "ja"})


def test_a_product_without_picture_says_so(client: Client) -> None:
    make_product(pictures=0)
    assert "There is no picture yet" in page(client)
    assert "no-picture.svg" in client.get("/").content.decode()


def test_what_is_not_on_sale_has_no_page(client: Client) -> None:
    make_product(is_active=False)
    response = client.get("/p/mug/")
    assert response.status_code == 404
    assert "This page does not exist" in response.content.decode()


def test_the_page_needs_few_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_product(skus=("MUG-S", "MUG-M", "MUG-L"), pictures=4)
    # Both are kept until something in the shop window changes.
    read_table()
    read_frame()
    # The version, the announcements, four of its own, and the version again, for the
    # promise.
    with django_assert_num_queries(10):
        client.get("/p/mug/")


def test_a_product_knows_its_address() -> None:
    assert make_product().get_absolute_url() == "/p/mug/"


def test_a_variant_names_itself_in_both_languages() -> None:
    variant = make_product(skus=("MUG-01",)).variants.get()
    assert variant.name_in("en") == "Morning Mug (Label MUG-01)"
    with override("ja"):
        assert variant.name == "朝のマグカップ (種類MUG-01)"
    variant.label_en = variant.label_ja = ""
    assert variant.name_in("en") == "Morning Mug"
    assert variant.price == Money(1800, "JPY")


def test_only_what_is_on_sale_can_be_bought() -> None:
    product = make_product(skus=("MUG-S", "MUG-M"))
    Variant.objects.filter(sku="MUG-M").update(is_active=False)
    assert [variant.sku for variant in Variant.objects.on_sale()] == ["MUG-S"]
    Product.objects.filter(pk=product.pk).update(is_active=False)
    assert not Variant.objects.on_sale().exists()


@pytest.mark.both_databases
def test_goods_before_their_date_of_sale_are_neither_shown_nor_sold(
    client: Client,
) -> None:
    product = make_product(pictures=0)
    fill_and_inform(client, {"MUG-01": 1})
    form = purchase_form(client)
    Product.objects.update(released_at=timezone.now() + timedelta(hours=1))

    assert product.name not in text_of(client.get("/"))
    assert product.name not in text_of(client.get("/search/?q=mug"))
    assert client.get("/c/kitchen/").context["listing"].total == 0
    assert not client.get("/").context["categories"]
    assert client.get("/p/mug/").status_code == 404
    assert "no longer for sale" in text_of(client.get("/cart/"))
    answer = client.post("/cart/add/", {"sku": "MUG-01", "quantity": 1}, follow=True)
    assert "no longer for sale" in text_of(answer)
    assert client.get("/checkout/confirmation/")["Location"] == "/cart/"
    client.post("/checkout/confirmation/", form)
    assert not Order.objects.exists()

    Product.objects.update(released_at=timezone.now())
    assert client.get("/p/mug/").status_code == 200
    client.post("/checkout/confirmation/", form)
    assert Order.objects.exists()


@pytest.mark.both_databases
@pytest.mark.parametrize("minutes", [5, -5])
def test_goods_are_on_sale_from_the_same_moment_on_every_host(
    mug: Product, minutes: int
) -> None:
    """A slow host would hide goods that another one sells, a fast one sell early."""
    begun = database_clock.read() - timedelta(minutes=1)

    for released_at, on_sale in ((begun, True), (begun + timedelta(minutes=3), False)):
        Product.objects.update(released_at=released_at)
        with wrong_clock(timedelta(minutes=minutes)):
            assert Product.objects.filter(published()).exists() is on_sale
            assert Product.objects.get().is_published is on_sale
