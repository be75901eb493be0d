"""What search engines read of a product: JSON-LD in the words of schema.org."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from shop.catalogue.models import Picture, Product
from shop.catalogue.selectors import Offer

_SCHEMA = "https://schema.org"


def describe_product(
    product: Product, offers: Sequence[Offer], pictures: Sequence[Picture]
) -> list[dict[str, Any]]:
    """Return the product with an offer for each variant, and the way to its page."""
    url = _absolute(product.get_absolute_url())
    described = {
        "@context": _SCHEMA,
        "@type": "Product",
        "name": product.name,
        "description": product.description,
        "category": product.category.name,
        "url": url,
        "image": [_absolute(picture.shown.src) for picture in pictures],
        "offers": [_offer(offer, url, product) for offer in offers],
    }
    if len(offers) == 1:
        described["sku"] = offers[0].variant.sku
    return [described, _breadcrumbs(product, url)]


def _offer(offer: Offer, url: str, product: Product) -> dict[str, Any]:
    price, release = offer.variant.price, product.preorder_date
    free = "PreOrder" if release else "InStock"
    stock = free if offer.free > 0 else "OutOfStock"
    begins = {"availabilityStarts": release.isoformat()} if release else {}
    return {
        "@type": "Offer",
        "sku": offer.variant.sku,
        "name": offer.variant.name_in(),
        "price": price.number.replace(",", ""),
        "priceCurrency": price.currency,
        "availability": f"{_SCHEMA}/{stock}",
        "itemCondition": f"{_SCHEMA}/NewCondition",
        "url": url,
        **begins,
    }


def _breadcrumbs(product: Product, url: str) -> dict[str, Any]:
    path = (
        (_("All items"), _absolute(reverse("catalogue:goods"))),
        (product.category.name, _absolute(product.category.get_absolute_url())),
        (product.name, url),
    )
    return {
        "@context": _SCHEMA,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": item}
            for position, (name, item) in enumerate(path, start=1)
        ],
    }


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
