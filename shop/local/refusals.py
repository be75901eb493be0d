"""What the web server itself answers when a request never reaches the application.

A request line that is none, headers or a body that are too large: visitors read the
shop's own page, in both languages, because nothing is known of them.
"""

import logging
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.template.loader import get_template
from waitress.task import ErrorTask

logger = logging.getLogger(__name__)

_OF_THE_SHOP = 500
_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    (
        "Content-Security-Policy",
        (
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
    ),
]


@dataclass(frozen=True)
class _Answer:
    """Takes the place of waitress's error: the same answer, with the shop's page."""

    first_line: str
    body: bytes

    def to_response(
        self, _ident: str | None = None
    ) -> tuple[str, list[tuple[str, str]], bytes]:
        return self.first_line, _HEADERS, self.body


class RefusalTask(ErrorTask):
    """Writes the shop's page, and closes the connection as before."""

    def execute(self) -> None:
        request: Any = self.request  # as its types lack the error
        error = request.error
        body = page(error.code == _OF_THE_SHOP)
        if body is not None:
            request.error = _Answer(f"{error.code} {error.reason}", body)
        super().execute()


@cache
def page(is_ours: bool) -> bytes | None:
    """Return the page for a fault of ours, or of the request.

    None if it cannot be rendered: then waitress's own words have to do.
    """
    try:
        html = get_template("500.html" if is_ours else "400.html").render()
    except Exception:
        logger.exception("the page of refused requests cannot be rendered")
        return None
    return html.encode()
