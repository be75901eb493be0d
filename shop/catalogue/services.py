"""Index products for lists and searches; keep what others know them by."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from shop.catalogue.errors import SkuKnownToStock
from shop.catalogue.folding import fold
from shop.catalogue.models import (
    Category,
    FormerAddress,
    Picture,
    Product,
    Variant,
    in_language,
)
from shop.catalogue.pictures import Rendition
from shop.catalogue.stock import counts_by_sku


@transaction.atomic
def index_product(product_id: int) -> None:
    """Store the folded text and the first picture of a product; name its variants.

    Call it after a change of the product, its variants or its pictures. Twice is once.
    """
    product = Product.objects.select_related("category").get(pk=product_id)
    _name_variants(product)
    product.search_text = _searchable(product)
    product.cover = product.pictures.first()
    product.save(update_fields=["search_text", "cover"])


@transaction.atomic
def index_category(category_id: int) -> int:
    """Index all products of a renamed category. Return their number."""
    category = Category.objects.get(pk=category_id)
    product_ids = list(category.products.values_list("pk", flat=True))
    for product_id in product_ids:
        index_product(product_id)
    return len(product_ids)


@transaction.atomic
def index_option(option_id: int) -> int:
    """Index all products with a renamed option or value. Return their number."""
    of_option = (
        Q(value_1__option=option_id)
        | Q(value_2__option=option_id)
        | Q(value_3__option=option_id)
    )
    rows = Variant.objects.filter(of_option).order_by("product_id")
    product_ids = list(rows.values_list("product_id", flat=True).distinct())
    for product_id in product_ids:
        index_product(product_id)
    return len(product_ids)


def add_picture(
    product: Product, renditions: Sequence[Rendition], **texts: Any
) -> Picture:
    """Add a picture whose files are written. Index the product afterwards."""
    picture = Picture(product=product, **texts)
    picture.use(renditions)
    picture.save()
    return picture


def keep_address(thing: Product | Category, former: str) -> None:
    """Let the address ``former`` lead to a product or category with another one now."""
    owner = "product" if isinstance(thing, Product) else "category"
    if former == thing.slug:
        return
    rows = FormerAddress.objects.filter(**{f"{owner}__isnull": False})
    # What has an address now comes first, so an entry for it would be of no use.
    rows.filter(slug=thing.slug).delete()
    rows.update_or_create(slug=former, defaults={owner: thing})


def lock_sku(sku: str) -> bool:
    """Return whether a variant has this SKU, and keep it so until the commit.

    Call it in the transaction that makes the SKU known elsewhere.
    """
    return bool(Variant.objects.filter(sku=sku).update(sku=F("sku")))


def refuse_known_to_stock(variants: Iterable[Variant]) -> None:
    """Raise SkuKnownToStock if the stock knows one of these variants' SKUs.

    Call it in the transaction that renames or deletes them: until it ends, the SKUs
    stay unknown, because whoever would make them known calls ``lock_sku``.
    """
    skus = sorted(variant.sku for variant in variants)
    for sku in skus:
        lock_sku(sku)
    for sku in skus:
        if sku in counts_by_sku(skus):
            raise SkuKnownToStock(sku)


def _name_variants(product: Product) -> None:
    """Write the values of options into the labels, which carts and orders show."""
    for variant in product.variants.with_options():
        names = {
            f"label_{language}": " / ".join(
                in_language(value, "name", language) for value in variant.values
            )
            for language in ("en", "ja")
        }
        if variant.values and any(getattr(variant, n) != names[n] for n in names):
            Variant.objects.filter(pk=variant.pk).update(**names)


def _searchable(product: Product) -> str:
    texts = [
        product.name_en,
        product.name_ja,
        product.programme_en,
        product.programme_ja,
        product.category.name_en,
        product.category.name_ja,
        product.description_en,
        product.description_ja,
    ]
    for variant in product.variants.active():
        texts += [variant.sku, variant.label_en, variant.label_ja]
    # One line per text, so that no word of a query matches across two texts.
    return "\n".join(fold(text) for text in texts if text)
