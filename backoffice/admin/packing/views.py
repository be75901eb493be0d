"""The pages of the packing desk: the list, the scanner, the pick list, the labels."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
)
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.packing import scan
from backoffice.admin.packing.exchanges import by_number as exchanges_by_number
from backoffice.admin.packing.exchanges import (
    packed_by,
    read_batch,
    read_exchanges,
    to_send,
)
from backoffice.admin.packing.forms import ScanForm
from backoffice.admin.packing.labels.sagawa_ehiden import SAGAWA
from backoffice.admin.packing.labels.table import make_table
from backoffice.admin.packing.labels.texts import read_texts
from backoffice.admin.packing.labels.yamato_b2 import YAMATO
from backoffice.admin.packing.selectors import (
    MOST_ROWS,
    Readiness,
    Waiting,
    by_number,
    count,
    make_picks,
    read_waiting,
    select,
)
from checkout.aftersales import exchanges
from checkout.aftersales.dispatch import make_ready
from checkout.aftersales.dispatch_errors import NotShippable
from checkout.paper.kinds import PaperKind
from orders.errors import ReturnRefused
from orders.models import Carrier, Exchange, Order
from shop.forms.read_only import ReadOnlyAdmin

_LIST = "admin:backoffice_ordertoship_changelist"
_SCAN = "admin:backoffice_ordertoship_scan"
_PICK = "admin:backoffice_ordertoship_pick"
_FORMATS = {each.slug: each for each in (YAMATO, SAGAWA)}
_PAPERS = {"slips": PaperKind.PACKING_SLIP, "notes": PaperKind.DELIVERY_NOTE}
_BATCHES = (10, 20, 50)
# The carrier of the labels at hand is remembered for the packer's next scan.
_CARRIER = "packing_carrier"


class DeskPages(ReadOnlyAdmin):
    """The desk's list and its pages; all of them need ``orders.ship_order``."""

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "backoffice_ordertoship"
        return [
            path("", wrap(self.list_view), name=f"{name}_changelist"),
            path("batch/", wrap(self.batch_view), name=f"{name}_batch"),
            path("scan/", wrap(self.scan_view), name=f"{name}_scan"),
            path("claim/", wrap(self.claim_view), name=f"{name}_claim"),
            path("pick/", wrap(self.pick_view), name=f"{name}_pick"),
            path(
                "labels/<slug:carrier>/", wrap(self.label_view), name=f"{name}_labels"
            ),
        ]

    def list_view(self, request: HttpRequest) -> HttpResponseBase:
        """List what waits, the most urgent first. ``first`` ticks so many of them."""
        check_permission(request, permissions.SHIP_ORDER)
        state = request.GET.get("state", Readiness.READY)
        if state not in Readiness.values:
            raise Http404
        first = _read_first(request.GET)
        rows = _read_rows(state)
        context = {
            "chips": [(each, count(each), each == state) for each in Readiness],
            "state": state,
            "rows": rows[:MOST_ROWS],
            "most": MOST_ROWS if len(rows) > MOST_ROWS else 0,
            "batches": [(each, each == first) for each in _BATCHES],
            "ticked": {each.number for each in rows[:first]},
            "form": ScanForm(initial={"carrier": _remembered(request)}),
        }
        return self._page(request, "list", _("To ship"), context)

    def batch_view(self, request: HttpRequest) -> HttpResponseBase:
        """Do what was chosen with the ticked orders; each choice has its page."""
        check_permission(request, permissions.SHIP_ORDER)
        wanted = request.POST.get("do", "")
        numbers = _numbers(request.POST.getlist("order"))
        if wanted == "next":
            urgent = select(Readiness.READY)[: _read_first(request.POST) or _BATCHES[0]]
            numbers, wanted = [order.number for order in urgent], "pick"
        if not numbers:
            self.message_user(request, _("Tick the orders first."), messages.WARNING)
            return redirect(_LIST)
        if wanted == "pick":
            numbers = self._claim(request, numbers)
            return redirect(
                _with(reverse(_PICK) if numbers else reverse(_LIST), numbers)
            )
        if wanted == "ready":
            return self._make_ready(request, numbers)
        if wanted in _PAPERS:
            page = reverse("admin:orders_order_paper", args=[_PAPERS[wanted]])
            return redirect(_with(page, numbers))
        if wanted in _FORMATS:
            page = reverse("admin:backoffice_ordertoship_labels", args=[wanted])
            return redirect(_with(page, numbers))
        raise Http404

    def scan_view(self, request: HttpRequest) -> HttpResponseBase:
        """One input for the scanner: it opens an order, then ships it."""
        check_permission(request, permissions.SHIP_ORDER)
        current = request.GET.get("order", "")
        if request.method != "POST":
            form = ScanForm(
                initial={"carrier": _remembered(request), "current": current}
            )
            return self._scan_page(request, form, current)
        form = ScanForm(request.POST)
        if not form.is_valid():
            return self._scan_page(request, form, request.POST.get("current", ""))
        sent = form.cleaned_data
        request.session[_CARRIER] = sent["carrier"]
        answer = scan.read(
            sent["code"], sent["current"], sent["carrier"], _actor(request)
        )
        return self._answer(request, answer)

    def claim_view(self, request: HttpRequest) -> HttpResponseBase:
        """Open an order, take it over from another packer, or put it back."""
        check_permission(request, permissions.SHIP_ORDER)
        numbers = _numbers(request.POST.getlist("order"))
        found = scan.find(numbers[0]) if numbers else None
        if found is None:
            raise Http404
        actor, wanted = _actor(request), request.POST.get("do")
        if wanted == "put_back":
            return self._answer(request, scan.put_back(found, actor))
        take_over = wanted == "take_over"
        return self._answer(request, scan.open_any(found, actor, take_over=take_over))

    def pick_view(self, request: HttpRequest) -> HttpResponseBase:
        """Show what to take for these orders, in the order of the shelves."""
        check_permission(request, permissions.SHIP_ORDER)
        numbers = _numbers(request.GET.getlist("order"))
        waiting = read_batch(numbers)
        context = {
            "picks": make_picks(waiting),
            "waiting": waiting,
            "units": sum(units.quantity for each in waiting for units in each.units),
        }
        return self._page(request, "pick", _("Pick list"), context)

    def label_view(self, request: HttpRequest, carrier: str) -> HttpResponseBase:
        """Return the file for the carrier's program, or say what it cannot hold."""
        check_permission(request, permissions.SHIP_ORDER)
        if carrier not in _FORMATS:
            raise Http404
        wanted = _FORMATS[carrier]
        numbers = _numbers(request.GET.getlist("order"))
        table = make_table(wanted, read_texts(read_batch(numbers)))
        if table.lines and (not table.problems or request.GET.get("rest")):
            answer = HttpResponse(
                table.encode(wanted.columns), content_type="text/csv; charset=Shift_JIS"
            )
            name = f"{wanted.slug}-{len(table.lines)}.csv"
            answer["Content-Disposition"] = f'attachment; filename="{name}"'
            return answer
        context = {
            "problems": table.problems,
            "count": len(table.lines),
            "rest": "?" + urlencode({"order": numbers, "rest": "yes"}, doseq=True),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return self._page(request, "labels", wanted.title, context, status)

    def _make_ready(self, request: HttpRequest, numbers: list[str]) -> HttpResponse:
        """Let the ticked pick-ups lie ready: each customer gets a mail."""
        done, actor = 0, _actor(request)
        for found in _found(numbers):
            try:
                if isinstance(found, Order):
                    done += make_ready(found, actor)
                else:
                    done += exchanges.make_ready(found, actor)
            except (NotShippable, ReturnRefused) as refusal:
                self.message_user(request, str(refusal.sentence), messages.WARNING)
        text = ngettext(
            "%(count)d order is ready to be picked up. Its customer gets a mail.",
            "%(count)d orders are ready to be picked up. Their customers get a mail.",
            done,
        )
        self.message_user(request, text % {"count": done}, messages.SUCCESS)
        return redirect(f"{reverse(_LIST)}?state={Readiness.WAITING}")

    def _claim(self, request: HttpRequest, numbers: list[str]) -> list[str]:
        """Claim the orders for this packer. Return those that were; name the others."""
        mine = []
        for found in _found(numbers):
            answer = scan.open_any(found, _actor(request))
            if answer.is_good:
                mine.append(found.number)
            if answer.former or not answer.is_good:
                self.message_user(request, answer.text, messages.WARNING)
        return mine

    def _answer(self, request: HttpRequest, answer: scan.Answer) -> HttpResponse:
        level = messages.SUCCESS if answer.is_good else messages.ERROR
        self.message_user(request, answer.text, level)
        query = f"?{urlencode({'order': answer.number})}" if answer.number else ""
        return redirect(f"{reverse(_SCAN)}{query}")

    def _scan_page(
        self, request: HttpRequest, form: ScanForm, current: str
    ) -> HttpResponseBase:
        numbers = _numbers([current])
        found = read_batch(numbers) if numbers else []
        actor = _actor(request)
        context = {
            "form": form,
            "current": found[0] if found else None,
            "mine": packed_by(actor),
            "batches": [(each, False) for each in _BATCHES],
            "actor": actor,
        }
        status = HTTPStatus.OK if not form.errors else HTTPStatus.UNPROCESSABLE_ENTITY
        return self._page(request, "scan", _("Scan"), context, status)

    def _page(
        self,
        request: HttpRequest,
        name: str,
        title: object,
        context: Mapping[str, object],
        status: int = HTTPStatus.OK,
    ) -> HttpResponseBase:
        values = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            **context,
        }
        template = f"admin/backoffice/ordertoship/{name}.html"
        return TemplateResponse(request, template, values, status=status)


def _read_rows(state: str) -> list[Waiting]:
    """Return what waits in this state, and one more than is shown."""
    if state == Readiness.EXCHANGE:
        return read_exchanges(to_send()[: MOST_ROWS + 1])
    return read_waiting(select(state)[: MOST_ROWS + 1])


def _found(numbers: list[str]) -> list[Order | Exchange]:
    """Return the orders and the exchanges with these numbers, the orders first."""
    orders = by_number(numbers).select_related("payment", "shipment")
    return [*orders, *exchanges_by_number(numbers)]


def _numbers(sent: list[str]) -> list[str]:
    """Return the numbers of orders and exchanges among sent values, each once."""
    found = [one for one in dict.fromkeys(sent) if scan.NUMBER.fullmatch(one)]
    return found[:MOST_ROWS]


def _read_first(sent: QueryDict) -> int:
    """Return how many orders a batch has, or 0 if none of the offered is sent."""
    first = sent.get("first", "")
    return int(first) if first in map(str, _BATCHES) else 0


def _with(page: str, numbers: list[str]) -> str:
    return f"{page}?{urlencode({'order': numbers}, doseq=True)}" if numbers else page


def _actor(request: HttpRequest) -> str:
    return request.user.get_username()


def _remembered(request: HttpRequest) -> str:
    found = request.session.get(_CARRIER, "")
    return found if found in Carrier.values else Carrier.YAMATO
