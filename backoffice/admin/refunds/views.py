"""Pages to refund an order: form, preview, confirmation."""

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.forms import read_keys
from backoffice.admin.refunds import forms
from backoffice.admin.refunds.forms import RefundForm
from backoffice.admin.refunds.selectors import read_refunds
from backoffice.previews.refund import describe_destination, preview_refund
from checkout.aftersales.returns.refunds import refund
from checkout.aftersales.shortages.services import owed_for
from inventory.errors import NotShipped
from orders.errors import RefundRefused, ReturnMoved
from orders.models import Order, Return
from shop.formatting import price
from shop.forms.read_only import ReadOnlyAdmin

logger = logging.getLogger(__name__)


class RefundPages(ReadOnlyAdmin):
    """Adds to orders the page that refunds them."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = path(
            "<int:pk>/refund/", wrap(self.refund_view), name="orders_order_refund"
        )
        return [own, *super().get_urls()]

    def refund_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask for the amount, preview the refund, and request it when confirmed."""
        check_permission(request, permissions.REFUND)
        orders = Order.objects.select_related("payment")
        order = get_object_or_404(orders, pk=pk)
        if request.method != "POST":
            initial = _fill_in(request, order)
            return self._form(request, RefundForm(order, initial=initial))
        form = RefundForm(order, request.POST)
        if not form.is_valid() or "change" in request.POST:
            return self._form(request, form)
        if "typed" not in request.POST:
            return self._question(request, form)
        return self._begin(request, form)

    def _begin(self, request: HttpRequest, form: RefundForm) -> HttpResponseBase:
        if not forms.is_confirmed(form, request.POST):
            return self._question(request, form, is_wrong=True)
        order = form.order
        try:
            wanted = form.wish(request.user.get_username())
            refund(order, wanted, form.cleaned_data["returned"])
        except (RefundRefused, ReturnMoved, NotShipped) as error:
            # The form checked all of it, so the order has changed since.
            logger.info("%s: %s", order, error)
            message = gettext(
                "Nothing was refunded: something was refunded, or a refund failed, "
                "since you opened the page. Look at it once more."
            )
            self.message_user(request, message, messages.WARNING)
            return redirect("admin:orders_order_refund", order.pk)
        message = gettext("%(amount)s of order %(number)s are being refunded.")
        values = {"amount": price(form.cleaned_data["amount"]), "number": order.number}
        self.message_user(request, message % values, messages.SUCCESS)
        may_look = self.has_view_permission(request)
        name = "admin:orders_order_change" if may_look else "admin:orders_order_refund"
        return redirect(name, order.pk)

    def _form(self, request: HttpRequest, form: RefundForm) -> HttpResponseBase:
        status = 422 if form.errors else 200
        return self._page(request, form, "refund.html", status)

    def _question(
        self, request: HttpRequest, form: RefundForm, *, is_wrong: bool = False
    ) -> HttpResponseBase:
        amount = form.cleaned_data["amount"]
        more = {
            "amount": amount,
            "preview": preview_refund(form.order, amount, form.items()),
            "is_wrong": is_wrong,
            "typed": request.POST.get("typed", ""),
        }
        status = 422 if is_wrong else 200
        return self._page(request, form, "refund_confirm.html", status, more)

    def _page(
        self,
        request: HttpRequest,
        form: RefundForm,
        name: str,
        status: int,
        more: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        order = form.order
        context = {
            **self.admin_site.each_context(request),
            **read_refunds(order.payment),
            "opts": self.opts,
            "order": order,
            "payment": order.payment,
            "where": describe_destination(order.payment),
            "owed": owed_for(order),
            "form": form,
            "title": gettext("Refund order %(number)s") % {"number": order.number},
            **(more or {}),
        }
        template = f"admin/orders/order/{name}"
        return TemplateResponse(request, template, context, status=status)


def _fill_in(request: HttpRequest, order: Order) -> dict[str, Any]:
    """Return what the form offers: all that is left, a return, or what was promised."""
    if "everything" in request.GET:
        return forms.fill_in_everything(order)
    (key,) = read_keys([request.GET.get("return", "")]) or (0,)
    returned = Return.objects.arrived().filter(order=order, pk=key).first()
    if returned is not None:
        return forms.fill_in_return(returned)
    return forms.fill_in_promised(order)
