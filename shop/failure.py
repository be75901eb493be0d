"""The page for unexpected errors. It works without database and context processors."""

import logging
import secrets

from django.http import HttpRequest, HttpResponseServerError
from django.template.loader import get_template

logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponseServerError:
    """Answer 500 with a reference that is also in the log.

    The page is rendered without context processors, since one of them may have failed.
    """
    reference = secrets.token_hex(4).upper()
    logger.error("reference %s: %s %s failed", reference, request.method, request.path)
    page = get_template("500.html").render({"reference": reference})
    return HttpResponseServerError(page)
