"""The pages on which staff say that goods are missing, and what is done about it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.refunds import views
from backoffice.admin.shortages.forms import (
    AskForm,
    DecisionForm,
    MissingForm,
    SeenForm,
    SubstituteForm,
    WaitForm,
)
from backoffice.order_overview import OrderOverview, read_overview
from backoffice.previews.order import Forecast
from backoffice.previews.shortage import (
    of_arrival,
    of_asking,
    of_choice,
    of_dropping,
    of_recording,
)
from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.shortages.offers import ask
from inventory.errors import NotShipped, OutOfStock
from orders.errors import NotCharged, ShortageMoved, ShortageRefused
from orders.models import Order, Payment, Shipment, Shortage
from orders.parcels import Instead
from orders.transitions import shortages as records
from shop.read_only import ReadOnlyAdmin

Choice = Shortage.Choice
PERMISSION = "orders.settle_shortage"
ARRIVED, ASK, DROP = "arrived", "ask", "drop"
PAGE = "admin:orders_shortage_change"
_ORDER = "admin:orders_order_change"
_FORMS: dict[str, type[SeenForm]] = {
    ASK: AskForm,
    Choice.WAIT: WaitForm,
    Choice.SUBSTITUTE: SubstituteForm,
}
_TEMPLATE = "admin/orders/order/dispatch.html"


class MissingPages(ReadOnlyAdmin):
    """Adds to orders the page on which goods are said to be missing."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = path(
            "<int:pk>/missing/", wrap(self.missing_view), name="orders_order_missing"
        )
        return [own, *super().get_urls()]

    def missing_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask what is missing; on POST hold the parcel back and correct the count."""
        case = _case(request, pk, PERMISSION)
        form = MissingForm(case.order, request.POST if _is_sent(request) else None)
        context = {
            "title": _("Goods are missing"),
            "form": form,
            "preview": of_recording(),
            "refusal": why_nothing_is_missing(case.order, case.payment),
        }
        if not form.is_valid():
            return _page(self, request, case, context)
        report = form.report(request.user.get_username())
        is_empty = form.cleaned_data["shelf_is_empty"]
        try:
            shortage = shortages.record(case.order, report, shelf_is_empty=is_empty)
        except (NotCharged, ShortageRefused, NotShipped) as error:
            said = gettext("Nothing was changed: %(why)s") % {"why": error}
            self.message_user(request, said, messages.WARNING)
            return redirect(_ORDER, pk)
        said = gettext("The parcel is held back. Now decide what to do.")
        self.message_user(request, said, messages.SUCCESS)
        return redirect(PAGE, shortage.pk)


class DecisionPages(ReadOnlyAdmin):
    """Adds to shortages the pages on which they are decided."""

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/decide/<slug:name>/",
            self.admin_site.admin_view(self.decide_view),
            name="orders_shortage_decide",
        )
        return [own, *super().get_urls()]

    def decide_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        """Say what a decision will do, ask why, and on POST do it."""
        shortage = get_object_or_404(Shortage.objects.select_related("order"), pk=pk)
        case = _case(request, shortage.order_id, permission_for(name))
        form = _form(request, shortage, name)
        context = {
            "title": title_of(name),
            "form": form,
            "preview": _forecast(shortage, name),
            "refusal": _refusal(shortage, name),
        }
        if isinstance(form, SubstituteForm):
            context["submit"] = gettext("Show what will happen")
        if not form.is_valid() or "change" in request.POST:
            return _page(self, request, case, context)
        question = _question(request, shortage, form)
        if question:
            return _page(self, request, case, context | question)
        try:
            self._do(request, shortage, name, form)
        except ShortageMoved as error:
            said = nothing_owed() if name == DROP else moved(error.shortage)
            self.message_user(request, said, messages.WARNING)
        except OutOfStock as error:
            said = gettext("%(sku)s: only %(free)d are free. Nothing was changed.")
            values = {"sku": error.sku, "free": error.free}
            self.message_user(request, said % values, messages.WARNING)
        else:
            said = gettext("%(number)s: the decision is recorded.")
            values = {"number": shortage.order.number}
            self.message_user(request, said % values, messages.SUCCESS)
        return redirect(PAGE, pk)

    def _do(
        self, request: HttpRequest, shortage: Shortage, name: str, form: SeenForm
    ) -> None:
        if name not in names(shortage):
            raise ShortageMoved(shortage)
        actor, values = request.user.get_username(), form.cleaned_data
        if isinstance(form, AskForm):
            instead = form.instead()
            ask(shortage, values["seen"], actor, values["until"], instead)
        elif name == ARRIVED:
            shortages.arrive(shortage, values["seen"], actor, values["reason"])
        elif name == DROP:
            records.drop_promise(shortage, values["seen"], actor, values["reason"])
        elif isinstance(form, DecisionForm):
            shortages.decide(shortage, form.decision(Choice(name), actor))


def why_nothing_is_missing(order: Order, payment: Payment) -> str:
    """Say why no goods can be missing now; empty when they can."""
    waits = Shipment.objects.filter(order=order, status=Shipment.Status.REQUESTED)
    if payment.status == Payment.Status.CAPTURED and waits.exists():
        return ""
    return gettext("It is not paid and waiting for its parcel.")


def names(shortage: Shortage) -> list[str]:
    """Return what can be done now, by its name in the address."""
    found = [choice.value for choice in shortages.open_choices(shortage)]
    if shortage.status == Shortage.Status.WAITING:
        return [ARRIVED, *found]
    if found:
        return [ASK, *found]
    return [DROP] if shortage.owed else []


def permission_for(name: str) -> str:
    """Return who may do it: what is promised is dropped by whoever could pay it."""
    return views.PERMISSION if name == DROP else PERMISSION


def title_of(name: str) -> str:
    if name == ARRIVED:
        return gettext("The goods have come")
    if name == ASK:
        return gettext("Ask the customer")
    if name == DROP:
        return gettext("Drop the promised refund")
    if name not in Choice.values:
        raise Http404
    return capfirst(str(Choice(name).label))


def moved(shortage: Shortage) -> str:
    """Say who was faster, and with what."""
    words = gettext(
        "Nothing was changed: %(who)s decided meanwhile. It is now: %(state)s."
    )
    who = gettext("the customer") if shortage.by_customer else shortage.decided_by
    state = shortage.get_choice_display() or shortage.get_status_display()
    return words % {"who": who or "-", "state": state}


def nothing_owed() -> str:
    """Say why a promise could not be dropped."""
    return gettext("Nothing was changed: no refund is promised any more.")


def _forecast(shortage: Shortage, name: str) -> Forecast:
    if name == ARRIVED:
        return of_arrival(shortage)
    if name == DROP:
        return of_dropping(shortage)
    return of_asking(shortage) if name == ASK else of_choice(shortage, Choice(name))


def _refusal(shortage: Shortage, name: str) -> str:
    if name in names(shortage):
        return ""
    return gettext("It is settled, or this cannot be done with it.")


def _question(
    request: HttpRequest, shortage: Shortage, form: SeenForm
) -> dict[str, Any]:
    """Return what is shown before it is done; empty once that was seen."""
    if not isinstance(form, SubstituteForm):
        return {}
    instead = form.instead()
    agreed = _token(shortage, instead)
    if request.POST.get("agreed") == agreed:
        return {}
    preview = of_choice(shortage, Choice.SUBSTITUTE, instead)
    return {"agreed": agreed, "submit": "", "preview": preview}


def _token(shortage: Shortage, instead: list[Instead]) -> str:
    """Name what the page showed of the money: what is given back, what is borne."""
    refund = shortages.refund_for(shortage, Choice.SUBSTITUTE, instead)
    return f"{refund.minor}:{sum(each.borne_minor for each in instead)}"


def _form(request: HttpRequest, shortage: Shortage, name: str) -> SeenForm:
    form_class = _FORMS.get(name, DecisionForm)
    if _is_sent(request):
        return form_class(shortage, request.POST)
    initial = {"seen": shortage.moves, "until": shortage.expected_on}
    return form_class(shortage, initial=initial)


def _is_sent(request: HttpRequest) -> bool:
    return request.method == "POST"


def _case(request: HttpRequest, order_pk: int, permission: str) -> OrderOverview:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    case = read_overview(order_pk)
    if case is None:
        raise Http404
    return case


def _page(
    pages: ReadOnlyAdmin,
    request: HttpRequest,
    case: OrderOverview,
    parts: dict[str, Any],
) -> HttpResponseBase:
    form: forms.Form = parts["form"]
    context = {
        **pages.admin_site.each_context(request),
        **parts,
        "case": case,
        "opts": Order._meta,  # noqa: SLF001 (as Django's own admin)
    }
    status = 422 if form.is_bound and form.errors else 200
    return TemplateResponse(request, _TEMPLATE, context, status=status)
