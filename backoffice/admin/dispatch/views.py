"""Pages to release an order for shipping, mark it as shipped, or call it off."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission, get_overview
from backoffice.admin.dispatch.forms import CallOffForm
from backoffice.admin.forms import ShipForm
from backoffice.order_overview import OrderOverview
from backoffice.previews.order import (
    preview_call_off,
    preview_ready,
    preview_release,
)
from checkout.aftersales.call_offs import call_off
from checkout.aftersales.cancellations.services import open_request
from checkout.aftersales.dispatch import (
    check_may_be_called_off,
    check_releasable,
    check_shippable,
    make_ready,
    release,
    ship,
)
from checkout.aftersales.dispatch_errors import NotReleasable, NotShippable, StillPaid
from orders.models import Order, Parcel
from orders.parcels import due
from shop.forms.read_only import ReadOnlyAdmin

_PAGE = "admin:orders_order_change"


class DispatchPages(ReadOnlyAdmin):
    """Adds to orders the pages that release them, ship them or call them off."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/release/",
                wrap(self.release_view),
                name="orders_order_release",
            ),
            path("<int:pk>/ship/", wrap(self.ship_view), name="orders_order_ship"),
            path("<int:pk>/ready/", wrap(self.ready_view), name="orders_order_ready"),
            path(
                "<int:pk>/call-off/",
                wrap(self.call_off_view),
                name="orders_order_call_off",
            ),
            *super().get_urls(),
        ]

    def release_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Preview the charge; on POST release the order, which charges it."""
        check_permission(request, permissions.RELEASE_ORDER)
        overview = get_overview(pk)
        if request.method != "POST":
            return self._ask_to_release(request, overview)
        try:
            is_new = release(overview.order, request.user.get_username())
        except NotReleasable as error:
            message = f"{overview.order.number}: {error.sentence}"
            self.message_user(request, message, messages.WARNING)
            return redirect(_PAGE, pk)
        text = (
            gettext("%(number)s is released: it is being charged.")
            if is_new
            else gettext("%(number)s was released before.")
        )
        message = text % {"number": overview.order.number}
        self.message_user(request, message, messages.SUCCESS)
        return redirect(_PAGE, pk)

    def ship_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask for the tracking number; on POST mark as shipped and send a mail."""
        check_permission(request, permissions.SHIP_ORDER)
        overview = get_overview(pk)
        form = ShipForm(
            request.POST if request.method == "POST" else None,
            due(overview.order),
            is_pickup=overview.order.is_pickup,
        )
        if not form.is_valid():
            return self._ask_to_ship(request, overview, form)
        try:
            parcel = ship(
                overview.order,
                carrier=form.cleaned_data.get("carrier", ""),
                tracking_number=form.cleaned_data.get("tracking_number", ""),
                actor=request.user.get_username(),
                items=form.items(),
                uid=form.cleaned_data["uid"],
            )
        except NotShippable as error:
            self.message_user(request, error.sentence, messages.WARNING)
            return redirect(_PAGE, pk)
        message = _describe(overview.order, parcel)
        self.message_user(request, message, messages.SUCCESS)
        return redirect(_PAGE, pk)

    def ready_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Preview the mail; on POST let the order lie ready to be picked up."""
        check_permission(request, permissions.SHIP_ORDER)
        overview = get_overview(pk)
        if request.method != "POST":
            return self._ask_to_make_ready(request, overview)
        try:
            is_new = make_ready(overview.order, request.user.get_username())
        except NotShippable as error:
            self.message_user(request, error.sentence, messages.WARNING)
            return redirect(_PAGE, pk)
        text = (
            gettext("%(number)s is ready to be picked up. The customer gets a mail.")
            if is_new
            else gettext("%(number)s was ready before; nothing changed.")
        )
        message = text % {"number": overview.order.number}
        self.message_user(request, message, messages.SUCCESS)
        return redirect(_PAGE, pk)

    def call_off_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Preview what goes back; on POST call the parcel off and send a mail."""
        check_permission(request, permissions.SHIP_ORDER)
        overview = get_overview(pk)
        form = CallOffForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return self._ask_to_call_off(request, overview, form)
        actor, reason = request.user.get_username(), form.cleaned_data["reason"]
        try:
            call_off(overview.order, actor, reason)
        except (NotShippable, StillPaid) as error:
            self.message_user(request, error.sentence, messages.WARNING)
            return redirect(_PAGE, pk)
        message = (
            gettext("The rest of %(number)s is not sent.")
            if overview.order.shipment.parcel_count
            else gettext("%(number)s is called off. The customer gets a mail.")
        )
        values = {"number": overview.order.number}
        self.message_user(request, message % values, messages.SUCCESS)
        return redirect(_PAGE, pk)

    def _ask_to_call_off(
        self, request: HttpRequest, overview: OrderOverview, form: CallOffForm
    ) -> HttpResponseBase:
        parts: dict[str, Any] = {"form": form, "preview": preview_call_off(overview)}
        try:
            check_may_be_called_off(overview.order)
        except (NotShippable, StillPaid) as error:
            parts["refusal"] = error.sentence
        return self._ask(request, overview, _("Call the parcel off"), **parts)

    def _ask_to_release(
        self, request: HttpRequest, overview: OrderOverview
    ) -> HttpResponseBase:
        parts: dict[str, Any] = {"preview": preview_release(overview)}
        try:
            check_releasable(overview.saga, overview.payment)
        except NotReleasable as error:
            parts["refusal"] = error.sentence
        label = _("Release for shipping and charge")
        return self._ask(request, overview, label, **parts)

    def _ask_to_make_ready(
        self, request: HttpRequest, overview: OrderOverview
    ) -> HttpResponseBase:
        parts: dict[str, Any] = {"preview": preview_ready(overview)}
        try:
            check_shippable(overview.order)
        except NotShippable as error:
            parts["refusal"] = error.sentence
        return self._ask(request, overview, _("Ready for pick-up"), **parts)

    def _ask_to_ship(
        self, request: HttpRequest, overview: OrderOverview, form: ShipForm
    ) -> HttpResponseBase:
        parts: dict[str, Any] = {"form": form, "parcel": due(overview.order)}
        try:
            check_shippable(overview.order)
        except NotShippable as error:
            parts["refusal"] = error.sentence
        is_pickup = overview.order.is_pickup
        label = _("Hand over") if is_pickup else _("Mark as shipped")
        return self._ask(request, overview, label, **parts)

    def _ask(
        self, request: HttpRequest, overview: OrderOverview, label: object, **parts: Any
    ) -> HttpResponseBase:
        context = {
            **self.admin_site.each_context(request),
            **parts,
            "asked": open_request(overview.order),
            "overview": overview,
            "opts": self.opts,
            "title": label,
        }
        form = parts.get("form")
        status = 422 if form and form.is_bound and form.errors else 200
        template = "admin/orders/order/confirm.html"
        return TemplateResponse(request, template, context, status=status)


def _describe(order: Order, parcel: Parcel | None) -> str:
    if parcel is None:
        text = gettext("%(number)s was marked as shipped before; nothing changed.")
    elif order.is_pickup:
        text = gettext("%(number)s is handed over. The customer gets a mail.")
    elif due(order):
        text = gettext(
            "Parcel %(parcel)d of %(number)s is shipped. The customer gets a mail; the "
            "rest stays to be sent."
        )
    else:
        text = gettext("%(number)s is marked as shipped. The customer gets a mail.")
    return text % {"number": order.number, "parcel": parcel.number if parcel else 0}
