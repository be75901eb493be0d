"""Pages to report missing goods and to decide what is done."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission, get_overview
from backoffice.admin.confirmation import confirmation_page
from backoffice.admin.shortages.actions import (
    ARRIVED,
    ASK,
    DROP,
    Choice,
    NotOpen,
    NotReportable,
    check_open,
    check_reportable,
    describe_conflict,
    nothing_owed,
    permission_for,
    preview_decision,
    title_of,
)
from backoffice.admin.shortages.forms import (
    AskForm,
    DecisionForm,
    MissingForm,
    SeenForm,
    SubstituteForm,
    WaitForm,
)
from backoffice.previews.shortage import (
    preview_choice,
    preview_report,
)
from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.shortages.offers import ask
from inventory.errors import NotShipped, OutOfStock
from orders.errors import NotCharged, ShortageMoved, ShortageRefused
from orders.models import Shortage
from orders.parcels import Instead
from orders.transitions import shortages as records
from shop.forms.read_only import ReadOnlyAdmin

PAGE = "admin:orders_shortage_change"
_ORDER = "admin:orders_order_change"
_FORMS: dict[str, type[SeenForm]] = {
    ASK: AskForm,
    Choice.WAIT: WaitForm,
    Choice.SUBSTITUTE: SubstituteForm,
}


class MissingPages(ReadOnlyAdmin):
    """Adds to orders the page that reports missing goods."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = path(
            "<int:pk>/missing/", wrap(self.missing_view), name="orders_order_missing"
        )
        return [own, *super().get_urls()]

    def missing_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask what is missing; on POST hold the parcel back and correct the count."""
        check_permission(request, permissions.SETTLE_SHORTAGE)
        overview = get_overview(pk)
        form = MissingForm(overview.order, request.POST if _is_sent(request) else None)
        context = {
            "title": _("Report missing items"),
            "form": form,
            "preview": preview_report(),
        }
        if not form.is_valid():
            try:
                check_reportable(overview.order, overview.payment)
            except NotReportable as error:
                context["refusal"] = error.sentence
            return confirmation_page(self, request, overview, context)
        report = form.report(request.user.get_username())
        is_empty = form.cleaned_data["shelf_is_empty"]
        try:
            shortage = shortages.record(overview.order, report, shelf_is_empty=is_empty)
        except (NotCharged, ShortageRefused, NotShipped) as error:
            message = gettext("Nothing was changed: %(why)s") % {"why": error.sentence}
            self.message_user(request, message, messages.WARNING)
            return redirect(_ORDER, pk)
        message = gettext("The parcel is held back. Now decide what to do.")
        self.message_user(request, message, messages.SUCCESS)
        return redirect(PAGE, shortage.pk)


class DecisionPages(ReadOnlyAdmin):
    """Adds to shortages the pages that decide them."""

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/decide/<slug:name>/",
            self.admin_site.admin_view(self.decide_view),
            name="orders_shortage_decide",
        )
        return [own, *super().get_urls()]

    def decide_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        """Preview a decision and ask for a reason; on POST decide."""
        shortage = get_object_or_404(Shortage.objects.select_related("order"), pk=pk)
        check_permission(request, permission_for(name))
        overview = get_overview(shortage.order_id)
        form = _form(request, shortage, name)
        context = {
            "title": title_of(name),
            "form": form,
            "preview": preview_decision(shortage, name),
            **_refusal(shortage, name),
        }
        if isinstance(form, SubstituteForm):
            context["submit"] = gettext("Show what will happen")
        if not form.is_valid() or "change" in request.POST:
            return confirmation_page(self, request, overview, context)
        question = _question(request, shortage, form)
        if question:
            return confirmation_page(self, request, overview, context | question)
        try:
            self._do(request, shortage, name, form)
        except (NotOpen, ShortageMoved) as error:
            message = (
                nothing_owed() if name == DROP else describe_conflict(error.shortage)
            )
            self.message_user(request, message, messages.WARNING)
        except OutOfStock as error:
            message = gettext("%(sku)s: only %(free)d are free. Nothing was changed.")
            values = {"sku": error.sku, "free": error.free}
            self.message_user(request, message % values, messages.WARNING)
        else:
            message = gettext("%(number)s: the decision is recorded.")
            values = {"number": shortage.order.number}
            self.message_user(request, message % values, messages.SUCCESS)
        return redirect(PAGE, pk)

    def _do(
        self, request: HttpRequest, shortage: Shortage, name: str, form: SeenForm
    ) -> None:
        check_open(shortage, name)
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


def _refusal(shortage: Shortage, name: str) -> dict[str, Any]:
    """Return the part of the page that says why the action is not possible."""
    try:
        check_open(shortage, name)
    except NotOpen as error:
        return {"refusal": error.sentence}
    return {}


def _question(
    request: HttpRequest, shortage: Shortage, form: SeenForm
) -> dict[str, Any]:
    """Return what has to be confirmed before it is done; empty if it was."""
    if not isinstance(form, SubstituteForm):
        return {}
    instead = form.instead()
    agreed = _token(shortage, instead)
    if request.POST.get("agreed") == agreed:
        return {}
    preview = preview_choice(shortage, Choice.SUBSTITUTE, instead)
    return {"agreed": agreed, "submit": "", "preview": preview}


def _token(shortage: Shortage, instead: list[Instead]) -> str:
    """Return what the page showed: minor units refunded, and borne by the shop."""
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
