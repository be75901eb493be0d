"""The page on which a customer asks to return goods, and the way to think again."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from checkout.aftersales.returns.forms import ReturnForm
from checkout.aftersales.returns.limits import admit_wish
from checkout.aftersales.returns.services import CUSTOMER, ask, withdraw
from checkout.status.returns import may_ask_until
from orders.errors import ReturnRefused
from orders.models import Order, Return
from shop.web.redirects import see_other
from shop.web.throttle import Entry


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def return_items(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask which items come back and why, and accept the wish, once."""
    order = get_object_or_404(Order, uid=uid)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReturnForm(order, *sent)
    until = may_ask_until(order)
    if until is None and not form.made():
        # Before the form is checked: that would decode a photo.
        return _too_late(request, order)
    if form.made():
        return _ask(request, order, form)
    if request.method == "POST":
        try:
            # Before the form is checked, for the same reason.
            entry = admit_wish(request, order)
        except ValidationError as error:
            form = ReturnForm(order, request.POST)
            form.add_error(None, error)
        else:
            if form.is_valid():
                return _ask(request, order, form, entry)
    context = {"order": order, "form": form, "until": until}
    status = 422 if form.errors else 200
    return render(request, "checkout/return.html", context, status=status)


@require_POST
def withdraw_return(request: HttpRequest, uid: UUID, pk: int) -> HttpResponse:
    """End a return that the customer does not want any more."""
    returned = get_object_or_404(Return, order__uid=uid, pk=pk, by_customer=True)
    try:
        withdraw(returned, CUSTOMER)
    except ReturnRefused as error:
        messages.warning(request, str(error.sentence))
    else:
        messages.success(request, _("Your return was withdrawn."))
    return see_other("checkout:order", uid)


def _ask(
    request: HttpRequest, order: Order, form: ReturnForm, entry: Entry | None = None
) -> HttpResponse:
    if not form.made():
        try:
            ask(order, form.wish())
        except ReturnRefused as error:
            messages.warning(request, str(error.sentence))
            return see_other("checkout:order", order.uid)
        if entry:
            entry.was_right()
    text = _("We have your request. We write to you as soon as we have decided.")
    messages.success(request, text)
    return see_other("checkout:order", order.uid)


def _too_late(request: HttpRequest, order: Order) -> HttpResponse:
    text = _("Items of this order cannot be returned here now.")
    messages.warning(request, text)
    return see_other("checkout:order", order.uid)
