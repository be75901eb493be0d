"""The sitemap: every address that customers may find, with its translations."""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from shop.catalogue.models import Product
from shop.catalogue.selectors import categories_with_counts
from shop.pages.addresses import absolute, translations
from shop.pages.selectors import list_pages

# A sitemap may name 50,000 addresses and take 50 MB.
MOST_PRODUCTS = 40_000
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
)


@require_safe
@cache_control(max_age=3600, public=True)
def sitemap(_request: HttpRequest) -> HttpResponse:
    urls = "".join(_url(path, changed) for path, changed in _paths())
    return HttpResponse(f"{_HEAD}{urls}</urlset>\n", content_type="application/xml")


def _paths() -> Iterator[tuple[str, str]]:
    """Yield addresses, and the day of the last change where it is known."""
    yield reverse("catalogue:home"), ""
    yield reverse("catalogue:goods"), ""
    for category in categories_with_counts():
        yield category.get_absolute_url(), ""
    slugs = Product.objects.on_sale().order_by("pk").values_list("slug", flat=True)
    for slug in slugs[:MOST_PRODUCTS]:
        yield reverse("catalogue:product", args=[slug]), ""
    for page in list_pages():
        if page.is_shown:
            yield page.url, f"{page.saved_at:%Y-%m-%d}" if page.saved_at else ""


def _url(path: str, changed: str) -> str:
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href={quoteattr(url)}/>'
        for language, url in translations(path)
    )
    day = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc>{escape(absolute(path))}</loc>{day}{links}</url>\n"
