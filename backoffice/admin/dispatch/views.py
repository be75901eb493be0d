"""Releasing an order for shipping, and handing its parcel over, from its page."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.admin.dispatch.forms import ShipForm
from backoffice.order_overview import OrderOverview, read_overview
from backoffice.previews.order import preview_release
from checkout.aftersales.dispatch import (
    NotReleasable,
    NotShippable,
    release,
    ship,
    why_not_releasable,
    why_not_shippable,
)
from orders.parcels import parcel
from shop.read_only import ReadOnlyAdmin

RELEASE = "orders.release_order"
SHIP = "orders.ship_order"
_PAGE = "admin:orders_order_change"


class DispatchPages(ReadOnlyAdmin):
    """Adds the pages on which goods leave the house."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/release/",
                wrap(self.release_view),
                name="orders_order_release",
            ),
            path("<int:pk>/ship/", wrap(self.ship_view), name="orders_order_ship"),
            *super().get_urls(),
        ]

    def release_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Say beforehand what will be charged; on POST let it be charged."""
        overview = _overview(request, pk, RELEASE)
        if request.method != "POST":
            refusal = why_not_releasable(overview.saga, overview.payment)
            preview = preview_release(overview)
            label = _("Release for shipping and charge")
            return self._ask(request, overview, label, preview=preview, refusal=refusal)
        try:
            is_new = release(overview.order, request.user.get_username())
        except NotReleasable as error:
            self.message_user(request, str(error), messages.WARNING)
            return redirect(_PAGE, pk)
        text = (
            gettext("%(number)s is released: it is being charged.")
            if is_new
            else gettext("%(number)s was released before.")
        )
        said = text % {"number": overview.order.number}
        self.message_user(request, said, messages.SUCCESS)
        return redirect(_PAGE, pk)

    def ship_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask who carries the parcel; on POST record it and write to the customer."""
        overview = _overview(request, pk, SHIP)
        form = ShipForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            refusal = why_not_shippable(overview.order)
            label = _("Mark as shipped")
            goods = parcel(overview.order)
            return self._ask(
                request, overview, label, form=form, refusal=refusal, parcel=goods
            )
        try:
            is_new = ship(
                overview.order, actor=request.user.get_username(), **form.cleaned_data
            )
        except NotShippable:
            overview.order.refresh_from_db()
            said = why_not_shippable(overview.order)
            self.message_user(request, said, messages.WARNING)
            return redirect(_PAGE, pk)
        text = (
            gettext("%(number)s is marked as shipped. The customer gets a mail.")
            if is_new
            else gettext("%(number)s was marked as shipped before; nothing changed.")
        )
        said = text % {"number": overview.order.number}
        self.message_user(request, said, messages.SUCCESS)
        return redirect(_PAGE, pk)

    def _ask(
        self, request: HttpRequest, overview: OrderOverview, label: object, **parts: Any
    ) -> HttpResponseBase:
        context = {
            **self.admin_site.each_context(request),
            **parts,
            "overview": overview,
            "opts": self.opts,
            "title": label,
        }
        form = parts.get("form")
        status = 422 if form and form.is_bound and form.errors else 200
        template = "admin/orders/order/confirm.html"
        return TemplateResponse(request, template, context, status=status)


def _overview(request: HttpRequest, pk: int, permission: str) -> OrderOverview:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    overview = read_overview(pk)
    if overview is None:
        raise Http404
    return overview
