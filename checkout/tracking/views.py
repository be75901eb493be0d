"""The order's page: its progress, live, and in the end its completion."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from checkout.card_testing.errors import TooManyCards
from checkout.cart import services as carts
from checkout.cart.cookies import cart_uid, customer_pk, remember_cart
from checkout.cart.errors import NOT_ADDED, NotForSale
from checkout.payments.card_form import card_form_context, with_card_form
from checkout.status.progress import Progress, progress_of
from checkout.status.returns import returns_on_page
from checkout.tracking.errors import CardNotNeeded, GoodsGone
from checkout.tracking.forms import CardForm
from checkout.tracking.services import (
    challenge_secret,
    read_after_return,
    try_another_card,
)
from checkout.tracking.stream import Watcher, open_stream
from orders import selectors
from orders.models import Order, Substitute
from shop.web.client_address import client_address
from shop.web.event_streams import has_room
from shop.web.redirects import see_other

FRAGMENT = "checkout/live/_live.html"


@require_safe
@never_cache
@with_card_form
def show(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show the order to all who know its address, which cannot be guessed."""
    order = get_object_or_404(Order, uid=uid)
    context = _context(request, order, progress_of(order))
    context["lines"] = order.lines.all()
    context["substitutes"] = Substitute.objects.sent_for(order)
    context["refunds"] = selectors.refunds_of(order)
    context["returns"] = returns_on_page(order)
    context |= selectors.describe_last_shortage(order)
    return render(request, "checkout/order.html", context)


@require_safe
@never_cache
def progress(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Answer a poll; with 204 when nothing changed, so that a typed card stays."""
    order = get_object_or_404(Order, uid=uid)
    now = progress_of(order)
    if now.version == request.GET.get("version"):
        return HttpResponse(status=204)
    context = _context(request, order, now) | {"with_title": True}
    response = render(request, FRAGMENT, context)
    if now.is_final:
        response.status_code = HTMX_STOP_POLLING
    return response


@require_GET
@never_cache
def stream(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Push the fragment whenever it changes; 204 sends the page back to polling."""
    order = get_object_or_404(Order, uid=uid)
    if not has_room(request):
        return HttpResponse(status=204)
    # The fragment's forms need the token; its cookie can only be set before the body.
    get_token(request)

    def fragment(changed: Progress) -> str:
        context = _context(request, order, changed) | {"with_title": True}
        return render(request, FRAGMENT, context).content.decode()

    seen = request.headers.get("Last-Event-ID") or request.GET.get("version", "")
    return open_stream(Watcher(order, seen, fragment)) or HttpResponse(status=204)


@require_POST
def another_card(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Try the card that the customer entered after a decline."""
    order = get_object_or_404(Order, uid=uid)
    form = CardForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Fill in the card form. It needs JavaScript."))
        return see_other("checkout:order", uid)
    token = form.cleaned_data["confirmation_token"]
    try:
        try_another_card(order, token, client_address(request))
    except (GoodsGone, TooManyCards) as refusal:
        messages.error(request, refusal.sentence)
    except CardNotNeeded:
        # The order was paid, has ended, or another tab was first. The page shows it.
        return see_other("checkout:order", uid)
    return see_other("checkout:order", uid)


@require_safe
@never_cache
def pay(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Lead to the provider's payment page as soon as it is open; needs no JavaScript.

    By a page, and no redirect: browsers apply the policy for forms of the page
    that was sent to every redirect after it, and the provider's host may be any.
    """
    order = get_object_or_404(Order, uid=uid)
    outcome = progress_of(order).outcome
    page = selectors.payment_page_of(order) if outcome == "needs_page" else None
    if page is None and outcome not in ("working", "retrying"):
        return see_other("checkout:order", uid)
    context = {"order": order, "payment_page": page}
    response = render(request, "checkout/to_payment_page.html", context)
    response["Refresh"] = f"0; url={page.url}" if page else "1"
    return response


@require_safe
@never_cache
def returned(_request: HttpRequest, uid: UUID) -> HttpResponse:
    """Receive the customer from the bank. Parameters of the address are not trusted."""
    order = get_object_or_404(Order, uid=uid)
    read_after_return(order)
    return see_other("checkout:order", uid)


@require_POST
def again(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Put an order's goods into the visitor's cart, as far as they are available."""
    order = get_object_or_404(Order, uid=uid)
    cart, missing = None, []
    for line in order.lines.all():
        try:
            added = carts.add(
                cart.uid if cart else cart_uid(request),
                line.sku,
                line.quantity,
                customer_pk(request),
            )
        except (NotForSale, *NOT_ADDED):
            missing.append(line.name)
        else:
            cart = added.cart
    if missing:
        text = _("Not to be had in this quantity any more: %(names)s.")
        messages.warning(request, text % {"names": ", ".join(missing)})
    response = see_other("checkout:cart")
    if cart is not None:
        remember_cart(response, cart)
    return response


def _cart_is_back(request: HttpRequest, order: Order) -> bool:
    """Return whether this browser's cart holds goods of the cancelled order."""
    uid = cart_uid(request)
    return uid is not None and carts.holds_any(
        uid, order.lines.values_list("sku", flat=True)
    )


def _context(request: HttpRequest, order: Order, now: Progress) -> dict[str, Any]:
    return_path = reverse("checkout:order_return", args=[order.uid])
    asks = now.outcome == "needs_challenge"
    is_cancelled = now.outcome == "cancelled"
    has_voucher = is_cancelled or now.outcome == "needs_voucher"
    return {
        "order": order,
        "progress": now,
        "cart_is_back": is_cancelled and _cart_is_back(request, order),
        "challenge_secret": challenge_secret(order) if asks else None,
        "cancellation": order.cancellations.first() if now.wish else None,
        "voucher": selectors.voucher_of(order) if has_voucher else None,
        "payment_page": (
            selectors.payment_page_of(order) if now.outcome == "needs_page" else None
        ),
        **(selectors.describe_parcels(order) if now.is_final else {}),
        "return_url": request.build_absolute_uri(return_path),
        **card_form_context(order.total),
    }
