"""Pages to correct the recipient of an order, and a parcel's tracking number."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission, get_overview
from backoffice.admin.corrections.forms import (
    RecipientForm,
    TrackingForm,
    initial_of,
)
from backoffice.order_overview import OrderOverview
from backoffice.previews.correction import (
    preview_before_typing,
    preview_recipient,
    preview_tracking,
)
from backoffice.previews.preview import Preview
from checkout.aftersales.corrections import (
    check_correctable,
    correct_recipient,
    correct_tracking,
)
from orders.errors import CorrectionRefused, TooLateToCorrect
from orders.models import Parcel
from orders.models.change import RECIPIENT, TRACKING
from shop.formatting import Wording
from shop.forms.read_only import ReadOnlyAdmin

_PAGE = "admin:orders_order_change"
Form = RecipientForm | TrackingForm


@dataclass(frozen=True)
class _Act:
    """One of the pages: its title, its preview, what it does, what it says then."""

    title: Wording
    preview: Callable[[], Preview]
    run: Callable[[], bool]
    done: Wording
    refusal: str = ""


class CorrectionPages(ReadOnlyAdmin):
    """Adds to orders the pages that correct the recipient and tracking numbers."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/recipient/",
                wrap(self.recipient_view),
                name="orders_order_recipient",
            ),
            path(
                "<int:pk>/parcels/<int:number>/tracking/",
                wrap(self.tracking_view),
                name="orders_order_tracking",
            ),
            path(
                "<int:pk>/exchanges/<str:exchange>/parcels/<int:number>/tracking/",
                wrap(self.exchange_view),
                name="orders_order_exchange_tracking",
            ),
            *super().get_urls(),
        ]

    def recipient_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask for the recipient, show before and after, and change it."""
        check_permission(request, permissions.CORRECT_ORDER)
        overview = get_overview(pk)
        order, actor = overview.order, request.user.get_username()
        initial = initial_of(order, RECIPIENT)
        form = RecipientForm(
            request.POST or None,
            initial=initial,
            is_pickup=order.is_pickup,
            country=order.country,
        )
        act = _Act(
            _("Change the recipient"),
            lambda: preview_recipient(order, *form.changed()),
            lambda: correct_recipient(order, form.correction(actor)),
            _("%(number)s: the recipient is changed."),
            _why_too_late(overview),
        )
        return self._correct(request, overview, form, act)

    def tracking_view(
        self, request: HttpRequest, pk: int, number: int
    ) -> HttpResponseBase:
        """Ask for the tracking number, show before and after, and change it."""
        check_permission(request, permissions.CORRECT_ORDER)
        parcels = Parcel.objects.filter(shipment__order=pk, number=number)
        return self._correct_tracking(request, pk, get_object_or_404(parcels))

    def exchange_view(
        self, request: HttpRequest, pk: int, exchange: str, number: int
    ) -> HttpResponseBase:
        """Do the same for a parcel of an exchange."""
        check_permission(request, permissions.CORRECT_ORDER)
        rows = Parcel.objects.filter(exchange__returned__order=pk, number=number)
        parcel = get_object_or_404(rows, exchange__number=exchange)
        return self._correct_tracking(request, pk, parcel)

    def _correct_tracking(
        self, request: HttpRequest, pk: int, parcel: Parcel
    ) -> HttpResponseBase:
        overview = get_overview(pk)
        order, actor = overview.order, request.user.get_username()
        initial = {**initial_of(parcel, TRACKING), "with_mail": True}
        form = TrackingForm(request.POST or None, initial=initial)
        act = _Act(
            _("Correct the tracking number"),
            lambda: preview_tracking(
                order, *form.changed(), with_mail=form.cleaned_data["with_mail"]
            ),
            lambda: correct_tracking(
                order,
                parcel,
                form.correction(actor),
                with_mail=form.cleaned_data["with_mail"],
            ),
            _("%(number)s: the tracking number is corrected."),
        )
        return self._correct(request, overview, form, act)

    def _correct(
        self, request: HttpRequest, overview: OrderOverview, form: Form, act: _Act
    ) -> HttpResponseBase:
        if act.refusal or not form.is_valid() or "change" in request.POST:
            return self._ask_to_correct(request, overview, form, act)
        agreed = _token(form)
        if request.POST.get("agreed") != agreed:
            return self._ask_to_correct(request, overview, form, act, agreed)
        try:
            is_new = act.run()
        except CorrectionRefused as error:
            self.message_user(request, str(error.sentence), messages.WARNING)
            return redirect(_PAGE, overview.order.pk)
        text = str(act.done) if is_new else gettext("%(number)s: changed before.")
        message = text % {"number": overview.order.number}
        self.message_user(request, message, messages.SUCCESS)
        return redirect(_PAGE, overview.order.pk)

    def _ask_to_correct(
        self,
        request: HttpRequest,
        overview: OrderOverview,
        form: Form,
        act: _Act,
        agreed: str = "",
    ) -> HttpResponseBase:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "overview": overview,
            "opts": self.opts,
            "title": act.title,
            "form": form,
            "refusal": act.refusal,
            "agreed": agreed,
            "submit": "" if agreed else _("Show what changes"),
            "preview": act.preview() if agreed else preview_before_typing(),
        }
        status = 422 if form.is_bound and form.errors and not act.refusal else 200
        template = "admin/orders/order/confirm.html"
        return TemplateResponse(request, template, context, status=status)


def _why_too_late(overview: OrderOverview) -> str:
    try:
        check_correctable(overview.order)
    except TooLateToCorrect as error:
        return str(error.sentence)
    return ""


def _token(form: Form) -> str:
    """Return a digest of what the page showed: done is what was agreed to."""
    shown = [*form.changed(), form.cleaned_data.get("with_mail"), form.data["reason"]]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()
