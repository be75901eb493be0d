"""The page that previews an action on an order, with its form."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from backoffice.order_overview import OrderOverview
from orders.models import Order
from shop.forms.read_only import ReadOnlyAdmin

_TEMPLATE = "admin/orders/order/confirm.html"


def confirmation_page(
    pages: ReadOnlyAdmin,
    request: HttpRequest,
    overview: OrderOverview,
    parts: dict[str, Any],
    template: str = _TEMPLATE,
) -> HttpResponseBase:
    """Return the page; 422 if its form was sent with errors.

    ``parts`` has ``title``, ``form`` and ``preview``, and ``refusal`` where the action
    is not possible now.
    """
    form: forms.Form = parts["form"]
    context = {
        **pages.admin_site.each_context(request),
        **parts,
        "overview": overview,
        "opts": Order._meta,  # noqa: SLF001 (as Django's own admin)
    }
    status = 422 if form.is_bound and form.errors else 200
    return TemplateResponse(request, template, context, status=status)
