"""What browsers refused on our pages by the Content-Security-Policy, as they report it.

It tells of a mistake in a page or a theme, of an extension in somebody's browser, or of
an attack. Reports are counted, and a line in the log says what was refused and where.
Anybody can send one, so it proves nothing and alerts nobody. The address of the page is
not kept: that of an order's page is a secret.
"""

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from prometheus_client import Counter

from shop.metrics.pages import PAGES
from shop.text.typed import clean_line
from shop.web.request_ids import name_of

MOST_BYTES = 16 * 1024  # of one request
MOST_REPORTS = 20  # that a browser has collected
_LONGEST = 100  # letters of what was refused
_MOST_KNOWN = 200
TOLD_AGAIN_AFTER = 3600.0  # seconds

logger = logging.getLogger(__name__)

_reports = Counter(
    "todoku_csp_reports_total",
    "What browsers refused on our pages, by directive of the policy.",
    ["directive"],
    registry=PAGES,
)


@dataclass(frozen=True)
class Report:
    """What was refused, by which directive, on the page of which route."""

    directive: str
    refused: str
    route: str


class Told:
    """The reports that this process has logged within the hour, the last of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: OrderedDict[Report, float] = OrderedDict()

    def is_new(self, report: Report) -> bool:
        """Return whether it is to be logged, and remember it."""
        now = time.monotonic()
        with self._lock:
            if self._until.get(report, 0.0) > now:
                return False
            self._until[report] = now + TOLD_AGAIN_AFTER
            self._until.move_to_end(report)
            while len(self._until) > _MOST_KNOWN:
                self._until.popitem(last=False)
        return True

    def forget(self) -> None:
        self._until.clear()


TOLD = Told()


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Count and log what a browser reports, in the older form and the newer one."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    for report in _read(request.body, request.get_host()):
        _reports.labels(report.directive).inc()
        if TOLD.is_new(report):
            logger.warning(
                "A browser refused %s on %s, by %s of the Content-Security-Policy",
                report.refused,
                report.route,
                report.directive,
            )
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _read(content: bytes, host: str) -> Iterator[Report]:
    """Yield the reports about pages of this host. What is no report is passed over."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return
    several = found if isinstance(found, list) else [found]
    for each in several[:MOST_REPORTS]:
        fields = _fields(each)
        page = str(fields.get("document-uri") or fields.get("documentURL") or "")
        if _host_of(page) == host:
            yield Report(_directive(fields), _refused(fields), _route(page))


def _fields(report: Any) -> dict[str, Any]:
    inside = None
    if isinstance(report, dict):
        inside = report.get("csp-report", report.get("body"))
    return inside if isinstance(inside, dict) else {}


def _directive(fields: dict[str, Any]) -> str:
    """Return the directive as the policy names it; "other" for any other word."""
    named = fields.get("effective-directive") or fields.get("violated-directive")
    words = str(named or fields.get("effectiveDirective") or "").split()
    name = words[0].removesuffix("-elem").removesuffix("-attr") if words else ""
    known = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return name if name in known else "other"


def _refused(fields: dict[str, Any]) -> str:
    """Return the origin of what was refused, or a word such as "inline"."""
    named = str(fields.get("blocked-uri") or fields.get("blockedURL") or "inline")
    try:
        parts = urlsplit(named)
    except ValueError:
        return "an address that is none"
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else named
    return clean_line(origin)[:_LONGEST]


def _host_of(page: str) -> str:
    try:
        return urlsplit(page).netloc
    except ValueError:
        return ""


def _route(page: str) -> str:
    try:
        return name_of(resolve(urlsplit(page).path))
    except Resolver404:
        return name_of(None)
