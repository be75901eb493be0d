"""Packing slips and delivery notes of one order or many, to print and as PDF."""

import re
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from checkout.paper.document import Document
from checkout.paper.exchange_slips import make_exchange_slips
from checkout.paper.kinds import OF_PARCELS, PaperKind
from checkout.paper.slips import make_slips
from orders.models import Exchange, Order
from shop.forms.read_only import ReadOnlyAdmin

MOST_AT_ONCE = 200
_CHOICES = {"yes": True, "no": False}
_PARCEL = re.compile(r"[0-9]{1,4}")


class PaperPages(ReadOnlyAdmin):
    """Adds the papers of parcels to orders.

    ``papers/packing-slip/?order=NUMBER&order=NUMBER`` is the page to print, and
    ``papers/packing-slip.pdf`` with the same parameters the file. ``prices=yes`` or
    ``no`` shows or hides the prices, ``language`` chooses one for all, and ``parcel``
    is the number of a parcel that left.
    """

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "papers/<slug:kind>/", wrap(self.paper_view), name="orders_order_paper"
            ),
            path(
                "papers/<slug:kind>.pdf",
                wrap(self.paper_pdf_view),
                name="orders_order_paper_pdf",
            ),
            *super().get_urls(),
        ]

    def paper_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Show the papers one after another, each from a new page on."""
        wanted = self._wanted(request, kind)
        orders, unknown = _read_orders(request)
        context = {
            "title": wanted.label,
            "documents": [
                paper for order in orders for paper in _papers(wanted, order, request)
            ],
            "pdf_url": f"../{wanted}.pdf?{request.GET.urlencode()}",
            "problem": _describe_problem(request, unknown),
        }
        status = HTTPStatus.OK if orders else HTTPStatus.NOT_FOUND
        return TemplateResponse(request, "paper/print.html", context, status=status)

    def paper_pdf_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Return one PDF of all; if any order is unknown, the page that says so."""
        wanted = self._wanted(request, kind)
        orders, unknown = _read_orders(request)
        if unknown or not orders:
            return self.paper_view(request, kind)
        papers = [
            paper for order in orders for paper in _papers(wanted, order, request)
        ]
        name = orders[0].number if len(orders) == 1 else f"{len(orders)}-orders"
        # Imported here: what draws costs each process memory, and few draw.
        from checkout.paper import pdf  # noqa: PLC0415

        return pdf.answer(papers, f"{wanted}-{name}.pdf")

    def _wanted(self, request: HttpRequest, kind: str) -> PaperKind:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if kind not in OF_PARCELS:
            raise Http404
        return PaperKind(kind)


def _read_orders(request: HttpRequest) -> tuple[list[Order | Exchange], list[str]]:
    """Return the orders and exchanges as asked for, and numbers that are unknown."""
    numbers = list(dict.fromkeys(request.GET.getlist("order")))[:MOST_AT_ONCE]
    rows = Order.objects.filter(number__in=numbers).prefetch_related("lines")
    found: dict[str, Order | Exchange] = {order.number: order for order in rows}
    if len(found) < len(numbers):
        goods = ("returned__lines__line", "returned__lines__substitute")
        again = Exchange.objects.standing().filter(number__in=numbers)
        related = again.select_related("returned__order").prefetch_related(*goods)
        found |= {exchange.number: exchange for exchange in related}
    orders = [found[number] for number in numbers if number in found]
    return orders, [number for number in numbers if number not in found]


def _papers(
    kind: PaperKind, of: Order | Exchange, request: HttpRequest
) -> list[Document]:
    typed = request.GET.get("parcel", "")
    number = int(typed) if _PARCEL.fullmatch(typed) else 0
    if isinstance(of, Exchange):
        return make_exchange_slips(kind, of, number=number, **_how(request))
    return make_slips(kind, of, number=number, **_how(request))


def _describe_problem(request: HttpRequest, unknown: list[str]) -> str:
    asked = len(set(request.GET.getlist("order")))
    if not asked:
        return _("Name the orders to print: add ?order=NUMBER to the address.")
    if asked > MOST_AT_ONCE:
        text = _("Only the first %(count)d orders are printed at one time.")
        return text % {"count": MOST_AT_ONCE}
    if unknown:
        text = _("No such orders, so nothing is printed for them: %(numbers)s")
        return text % {"numbers": ", ".join(unknown[:20])}
    return ""


def _how(request: HttpRequest) -> dict[str, Any]:
    language = request.GET.get("language", "")
    known = dict(settings.LANGUAGES)
    return {
        "prices": _CHOICES.get(request.GET.get("prices", "")),
        "language": language if language in known else "",
    }
