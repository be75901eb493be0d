"""The pages for unexpected errors and for requests that cannot be read.

They work without database and context processors.
"""

import logging
import sys

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseServerError,
)
from django.template.loader import get_template

from shop.database.messages import may_pass
from shop.logs.context import current_request_id, new_request_id
from shop.web.staging import marked

logger = logging.getLogger(__name__)

_DIGITS = 8
_RETRY_AFTER = 10  # seconds; what asks again by itself waits so long


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 with a reference: the first digits of the request's id in the log.

    While the database is away or too busy, 503: whoever asks again is served. The pages
    are rendered without context processors, since one of them may have failed.
    """
    # Django calls this while it handles what went wrong.
    if may_pass(sys.exception()):
        logger.error("%s %s was not answered", request.method, request.path)
        page = marked(get_template("503.html").render())
        return HttpResponse(page, status=503, headers={"Retry-After": _RETRY_AFTER})
    reference = (current_request_id() or new_request_id())[:_DIGITS].upper()
    logger.error("reference %s: %s %s failed", reference, request.method, request.path)
    page = get_template("500.html").render({"reference": reference})
    return HttpResponseServerError(page)


def bad_request(
    _request: HttpRequest,
    exception: Exception | None = None,  # noqa: ARG001 (Django passes it by name)
) -> HttpResponseBadRequest:
    """Answer 400 without quoting the request, of which nothing can be trusted."""
    return HttpResponseBadRequest(marked(get_template("400.html").render()))
