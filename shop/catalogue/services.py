"""Index products for lists and searches."""

from django.db import transaction

from shop.catalogue.folding import fold
from shop.catalogue.models import Category, Product


@transaction.atomic
def index_product(product_id: int) -> None:
    """Store the folded text and the first picture of a product.

    Call it after a change of the product, its variants or its pictures. Twice is once.
    """
    product = Product.objects.select_related("category").get(pk=product_id)
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
