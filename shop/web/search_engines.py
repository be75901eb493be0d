"""What search engines are told: the goods are theirs, everything else is not."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

SHOWN = frozenset({"catalogue", "pages"})  # namespaces of addresses that may be found
NOINDEX = "noindex, nofollow"

# Not the addresses of carts and orders: an engine that may not read a page does not
# read its "noindex" either, and lists it if another site links to it.
ROBOTS = """\
User-agent: *
Disallow: /admin/
Disallow: /search/

Sitemap: {site_url}/sitemap.xml
"""

REHEARSAL = """\
User-agent: *
Disallow: /
"""


class NoIndex:
    """Middleware: marks all pages but those of the goods with ``noindex``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if getattr(request, "noindex", ""):
            response["X-Robots-Tag"] = NOINDEX
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        match = request.resolver_match
        hidden = match is not None and match.namespace not in SHOWN
        if hidden or settings.STAGING:
            # For the template, too: some engines read only the page.
            request.noindex = NOINDEX  # type: ignore[attr-defined]


@require_safe
@cache_control(max_age=3600, public=True)
def robots(_request: HttpRequest) -> HttpResponse:
    text = REHEARSAL if settings.STAGING else ROBOTS.format(site_url=settings.SITE_URL)
    return HttpResponse(text, content_type="text/plain")
