"""The page on which a customer asks to cancel an order, or cancels an unpaid one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.aftersales.cancellations.errors import NotCancellable
from checkout.aftersales.cancellations.forms import CancelForm
from checkout.aftersales.cancellations.services import ask
from checkout.status.progress import progress_of
from orders.errors import CancellationMoved
from orders.models import Cancellation, Order
from shop.web.redirects import see_other


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what cancelling means now, and accept the wish, once."""
    order = get_object_or_404(Order, uid=uid)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _ask(request, order, form)
    now = progress_of(order)
    if not now.cancel_way:
        return _too_late(request, order)
    context = {"order": order, "form": form, "way": now.cancel_way, "progress": now}
    status = 422 if form.errors else 200
    return render(request, "checkout/cancel.html", context, status=status)


def _ask(request: HttpRequest, order: Order, form: CancelForm) -> HttpResponse:
    wish = form.cleaned_data
    try:
        cancellation = ask(order, wish["uid"], wish["reason"])
    except (NotCancellable, CancellationMoved):
        return _too_late(request, order)
    text = (
        _("We have your request. We write to you as soon as we have decided.")
        if cancellation.status == Cancellation.Status.REQUESTED
        else _("Your order is being cancelled.")
    )
    messages.success(request, text)
    return see_other("checkout:order", order.uid)


def _too_late(request: HttpRequest, order: Order) -> HttpResponse:
    text = _("This order cannot be cancelled here now. Its state is shown below.")
    messages.warning(request, text)
    return see_other("checkout:order", order.uid)
