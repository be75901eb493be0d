"""The pages of the catalogue, and its pictures."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie
from django.views.static import serve

from shop.catalogue import selectors
from shop.catalogue.bundles import bundle_of, has_parts
from shop.catalogue.choices import group_of
from shop.catalogue.guest_pages import for_guests
from shop.catalogue.home import read_home
from shop.catalogue.models import Category, Product, Sort
from shop.catalogue.pictures import CONTENT_TYPES, FOLDER, extension_of
from shop.catalogue.structured_data import describe_product

_PICTURE_NAME = re.compile(rf"{FOLDER}/[0-9a-f]{{32,64}}\.[a-z]{{3,4}}")


def fresh(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let browsers store a page, but ask each time: it shows stock, and a cart."""
    return vary_on_cookie(cache_control(private=True, no_cache=True)(view))


@for_guests
@require_safe
@fresh
def home(request: HttpRequest) -> HttpResponse:
    if {"sort", "page"} & set(request.GET):
        # The list of all goods was here.
        return redirect(f"{reverse('catalogue:goods')}?{request.GET.urlencode()}")
    context = {"home": read_home(), "categories": selectors.categories_with_counts()}
    return render(request, "catalogue/home.html", context)


@for_guests
@require_safe
@fresh
def goods(request: HttpRequest) -> HttpResponse:
    categories = selectors.categories_with_counts()
    total = sum(_count(category) for category in categories)
    sort = _sort(request)
    products = Product.objects.on_sale()
    context = {
        "categories": categories,
        "nav": "new" if sort == Sort.NEWEST else "all",
    }
    return _list(request, "catalogue/goods.html", products, total, context)


@for_guests
@require_safe
@fresh
def category(request: HttpRequest, slug: str) -> HttpResponse:
    categories = selectors.categories_with_counts()
    shown = next((c for c in categories if c.slug == slug), None)
    # A category without goods on sale keeps its address.
    shown = shown or Category.objects.filter(slug=slug).first()
    if shown is None:
        return _moved(selectors.moved_category(slug))
    products = Product.objects.on_sale().filter(category=shown)
    context = {"categories": categories, "category": shown}
    return _list(request, "catalogue/category.html", products, _count(shown), context)


@for_guests
@require_safe
@fresh
def search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:100]
    context = {"query": query, "nav": "search"}
    if not query:
        return render(request, "catalogue/search.html", context)
    found = Product.objects.on_sale().matching(query)
    return _list(request, "catalogue/search.html", found, None, context)


@for_guests
@require_safe
@fresh
def product(request: HttpRequest, slug: str) -> HttpResponse:
    rows = Product.objects.on_sale().with_offers().annotate(is_bundle=has_parts())
    shown = rows.filter(slug=slug).first()
    if shown is None:
        return _moved(selectors.moved_product(slug))
    offers, pictures = selectors.offers(shown), selectors.pictures(shown)
    bundle = bundle_of(shown) if getattr(shown, "is_bundle", False) else None
    context = {
        "product": shown,
        "bundle": bundle,
        "offers": offers,
        "pictures": pictures,
        "structured_data": describe_product(shown, offers, pictures),
        "prices": {offer.variant.price.minor for offer in offers},
        "cheapest": min(offers, key=lambda offer: offer.variant.price.minor).variant,
        "choices": group_of(offers),
        "related": selectors.related_to(shown),
        "has_choice": len(offers) > 1 or bool(offers[0].variant.label_en),
        # Mails tell of units that came in, and a bundle has none of its own.
        "sold_out": [] if bundle else [one for one in offers if one.free <= 0],
        "can_buy": any(offer.free > 0 for offer in offers),
    }
    return render(request, "catalogue/product.html", context)


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """Serve a picture with a policy that lets it run no script."""
    content_type = CONTENT_TYPES.get(extension_of(name))
    if content_type is None or _PICTURE_NAME.fullmatch(name) is None:
        raise Http404(_("There is no such picture."))
    response = serve(request, name, document_root=str(settings.MEDIA_ROOT))
    response["Content-Type"] = content_type
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    response["X-Content-Type-Options"] = "nosniff"
    # Pages of other sites show them if they may call the API.
    response["Cross-Origin-Resource-Policy"] = (
        "cross-origin" if settings.API_ORIGINS else "same-site"
    )
    # A file never changes: it is named by its content (see pictures.write).
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response  # type: ignore[return-value]


def _list(
    request: HttpRequest,
    template: str,
    products: Any,
    total: int | None,
    context: dict[str, Any],
) -> HttpResponse:
    sort = _sort(request)
    listing = selectors.list_products(
        products.sorted_by(sort).for_cards(), request.GET.get("page", "1"), total
    )
    return render(
        request,
        template,
        context | {"listing": listing, "sort": sort, "sorts": Sort.choices},
    )


def _moved(found: Product | Category | None) -> HttpResponse:
    """Lead to a page whose address was changed. Raises Http404 when there is none."""
    if found is None:
        raise Http404(_("There is no such page."))
    # Not for ever: browsers would keep it when the address is given to other goods.
    return redirect(found)


def _sort(request: HttpRequest) -> str:
    asked = request.GET.get("sort", "")
    return asked if asked in Sort.values else Sort.RECOMMENDED


def _count(category: Category) -> int:
    return getattr(category, "product_count", 0)
