"""A staging shop says on each of its pages that it is a rehearsal.

It is in everything a production, so that only this mark tells the two apart: an order
there would look accepted, and nothing would ever come.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext as _

MARK = 'id="staging-mark"'
_HEAD_ENDS = "</head>"
_BODY = "<body"
_STYLE = "shop/css/staging.css"


class StagingMark:
    """Middleware of staging only: marks every page of the shop and of the admin.

    It writes into the finished page, so that no template, theme or package can leave
    the mark out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        kind = response.headers.get("Content-Type", "")
        if isinstance(response, HttpResponse) and kind.startswith("text/html"):
            response.content = marked(response.content.decode(response.charset))
        return response


def marked(page: str) -> str:
    """Return the page with the mark of a staging shop; otherwise as it is.

    Marking it twice is once. Fragments, which have no body, stay as they are.
    """
    start = page.find(_BODY)
    if not settings.STAGING or start < 0 or MARK in page:
        return page
    after = page.index(">", start) + 1
    page = f"{page[:after]}{_mark()}{page[after:]}"
    style = format_html('<link rel="stylesheet" href="{}">', static(_STYLE))
    return page.replace(_HEAD_ENDS, f"{style}{_HEAD_ENDS}", 1)


def _mark() -> str:
    return format_html(
        '<aside id="staging-mark"><strong>{}</strong> {}</aside>',
        _("Staging"),
        _("A rehearsal of the shop: no money is taken, and nothing is delivered."),
    )
