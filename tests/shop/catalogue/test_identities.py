"""What others know goods by is kept, or a change is refused with the way out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from checkout.cart.models import CartLine
from checkout.flow.claimed_order import units_of
from inventory.errors import UnknownSku
from inventory.models import StockItem
from inventory.receiving import receive_new
from inventory.services import reserve
from shop.catalogue.errors import SkuKnownToStock
from shop.catalogue.models import FormerAddress, Product, Variant
from shop.catalogue.services import refuse_known_to_stock
from tests.shop.catalogue.test_admin import table
from tests.support.catalogue import make_category, make_product
from tests.support.ordering import place
from tests.support.orders import make_cart
from tests.support.shopping import fill, text_of
from tests.support.threads import exceptions_in, run_together

KEPT = "neither renamed nor deleted"


def change(product: Product, **changes: Any) -> dict[str, Any]:
    """Return the product's form as staff would send it, with some fields changed."""
    variant = product.variants.get()
    row = {
        "id": variant.pk,
        "product": product.pk,
        "sku": variant.sku,
        "price_minor": variant.price_minor,
        "weight_grams": variant.weight_grams,
        "position": 0,
        "is_active": "on",
    }
    row |= {name: changes.pop(name) for name in ("sku", "DELETE") if name in changes}
    return (
        {
            "category": product.category_id,
            "slug": product.slug,
            "name_en": product.name_en,
            "name_ja": product.name_ja,
            "is_active": "on",
            "tax_rate": 10,
            "position": 0,
            "released_at_0": "2026-01-01",
            "released_at_1": "09:00:00",
        }
        | table("variants", [row], initial=1)
        | table("pictures", [])
        | table("related", [])
        | table("parts", [])
        | changes
    )


def address(thing: Any, page: str = "change") -> str:
    options = thing._meta
    name = f"admin:{options.app_label}_{options.model_name}_{page}"
    return reverse(name, args=[thing.pk])


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.parametrize("changes", [{"sku": "CUP-01"}, {"DELETE": "on"}])
def test_a_sku_that_the_stock_knows_is_neither_renamed_nor_deleted(
    admin_client: Client, client: Client, changes: dict[str, str]
) -> None:
    product = make_product(pictures=0)
    cart = fill(client, {"MUG-01": 2})

    answer = admin_client.post(address(product), change(product, **changes))

    assert answer.status_code == 200
    assert KEPT in text_of(answer)
    assert Variant.objects.get().sku == "MUG-01"
    assert StockItem.objects.get().sku == "MUG-01"
    assert cart.lines.get().quantity == 2


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_sku_that_the_stock_does_not_know_is_free_to_change(
    admin_client: Client,
) -> None:
    product = make_product(units=0, pictures=0)
    answer = admin_client.post(address(product), change(product, sku="CUP-01"))
    assert answer.status_code == 302
    assert Variant.objects.get().sku == "CUP-01"
    product.refresh_from_db()
    assert "cup-01" in product.search_text


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_product_that_carts_know_is_kept_and_the_way_out_is_shown(
    admin_client: Client, client: Client
) -> None:
    product = make_product(pictures=0)
    fill(client, {"MUG-01": 2})
    for answer in (
        admin_client.get(address(product, "delete")),
        admin_client.post(address(product, "delete"), {"post": "yes"}),
    ):
        assert KEPT in text_of(answer)
        assert "Take it off sale instead" in text_of(answer)
    assert Product.objects.get() == product
    assert "Morning Mug" in text_of(client.get("/cart/"))


@pytest.mark.django_db
def test_a_product_that_nobody_knows_is_deleted(admin_client: Client) -> None:
    product = make_product(units=0, pictures=0)
    answer = admin_client.post(address(product, "delete"), {"post": "yes"})
    assert answer.status_code == 302
    assert not Product.objects.exists()


@pytest.mark.django_db
def test_goods_taken_off_sale_are_named_in_the_carts_that_hold_them(
    client: Client,
) -> None:
    product = make_product(pictures=0)
    fill(client, {"MUG-01": 2})
    Product.objects.update(is_active=False)
    page = text_of(client.get("/cart/"))
    assert product.name in page
    assert "no longer for sale. Please remove it" in page


@pytest.mark.django_db
@pytest.mark.both_databases
def test_no_variant_in_a_cart_is_deleted_even_by_code(client: Client) -> None:
    make_product(pictures=0)
    fill(client, {"MUG-01": 1})
    with pytest.raises(ProtectedError):
        Variant.objects.all().delete()
    assert CartLine.objects.exists()


@pytest.mark.django_db
def test_goods_are_received_only_for_a_sku_that_a_variant_has(
    admin_client: Client,
) -> None:
    form = {"sku": "CUP-01", "quantity": 3, "reference": "D-1", "note": ""}
    answer = admin_client.post(reverse("admin:inventory_stockitem_new_goods"), form)
    assert answer.status_code == 422
    assert "No variant in the catalogue has this SKU" in text_of(answer)
    assert not StockItem.objects.exists()


def rename(sku: str) -> str:
    with transaction.atomic():
        variant = Variant.objects.get()
        refuse_known_to_stock([variant])
        Variant.objects.filter(pk=variant.pk).update(sku=sku)
    return "renamed"


def delete(_sku: str) -> str:
    with transaction.atomic():
        variant = Variant.objects.get()
        refuse_known_to_stock([variant])
        variant.delete()
    return "deleted"


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
@pytest.mark.parametrize("act", [rename, delete])
@pytest.mark.parametrize("attempt", range(5))
def test_goods_that_come_in_meanwhile_are_never_orphaned(
    act: Callable[[str], str], attempt: int
) -> None:
    make_product(units=0, pictures=0)

    def one(number: int) -> object:
        if number % 2:
            return act(f"CUP-{number}")
        return receive_new("MUG-01", 5, f"D-{number}", "", "ken")

    answers = run_together(range(4), one)

    wrong = {type(error) for error in exceptions_in(answers)}
    assert wrong <= {SkuKnownToStock, UnknownSku, Variant.DoesNotExist}
    known = set(StockItem.objects.values_list("sku", flat=True))
    assert known <= set(Variant.objects.values_list("sku", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
@pytest.mark.parametrize("act", [rename, delete])
def test_orders_that_are_placed_and_reserved_meanwhile_keep_their_sku(
    act: Callable[[str], str],
) -> None:
    make_product(pictures=0)
    carts = [make_cart({"MUG-01": 1}) for _cart in range(3)]

    def one(number: int) -> object:
        if number % 2:
            return act(f"CUP-{number}")
        order, _saga = place(carts[number // 2])
        reserve(order.number, units_of(order.number), timezone.now())
        return order

    answers = run_together(range(6), one)

    assert {type(answer) for answer in answers[1::2]} == {SkuKnownToStock}
    assert exceptions_in(answers[::2]) == []
    assert Variant.objects.get().sku == StockItem.objects.get().sku == "MUG-01"
    assert StockItem.objects.get().held == 3


@pytest.mark.django_db
@pytest.mark.both_databases
def test_the_old_address_of_goods_leads_to_the_new_one(
    admin_client: Client, client: Client
) -> None:
    product = make_product(pictures=0)
    for slug in ("cup", "beaker", "cup"):
        answer = admin_client.post(address(product), change(product, slug=slug))
        assert answer.status_code == 302
    assert client.get("/p/mug/")["Location"] == "/p/cup/"
    assert client.get("/p/beaker/")["Location"] == "/p/cup/"
    assert client.get("/p/cup/").status_code == 200
    # An address that is given to other goods is theirs.
    make_product("mug", skus=("MUG-02",), pictures=0, name_en="Other Mug")
    assert "Other Mug" in text_of(client.get("/p/mug/"))
    Product.objects.filter(pk=product.pk).update(is_active=False)
    assert client.get("/p/beaker/").status_code == 404


@pytest.mark.django_db
def test_the_old_address_of_a_category_leads_to_the_new_one(
    admin_client: Client, client: Client
) -> None:
    category = make_category()
    form = {"slug": "cooking", "name_en": "Cooking", "name_ja": "台所", "position": 0}
    assert admin_client.post(address(category), form).status_code == 302
    assert client.get("/c/kitchen/")["Location"] == "/c/cooking/"
    assert client.get("/c/garage/").status_code == 404


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_former_address_belongs_to_one_thing() -> None:
    with pytest.raises(IntegrityError):
        FormerAddress.objects.create(slug="mug")


@pytest.mark.django_db
def test_a_category_with_goods_is_kept(admin_client: Client) -> None:
    product = make_product(pictures=0)
    answer = admin_client.post(address(product.category, "delete"), {"post": "yes"})
    assert answer.status_code == 200
    assert "Morning Mug" in text_of(answer)
    assert Product.objects.filter(category__slug="kitchen").exists()
