"""The confirmation page, and the purchase."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.announcements.errors import CheckoutPaused
from checkout.announcements.services import active_announcements
from checkout.card_testing.errors import TooManyCards
from checkout.cart.models import Cart
from checkout.cart.pricing import Quote, quote
from checkout.cart.visitor import current_cart, with_open_cart
from checkout.payments.card_form import card_form_context, with_card_form
from checkout.placement.errors import (
    CartEmpty,
    InformationMissing,
    QuoteChanged,
    SoldOut,
    TooManyUnpaid,
)
from checkout.placement.forms import PurchaseForm
from checkout.placement.services import place_order
from checkout.promotions.errors import DiscountGone, PurchaseLimitReached
from orders.models import Order, Payment
from shop.client_address import client_address
from shop.customers.visitor import customer_of
from shop.money import Money
from shop.redirects import see_other


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@with_card_form
def confirmation(request: HttpRequest) -> HttpResponse:
    return _purchase(request) if request.method == "POST" else _show(request)


@with_open_cart
def _show(request: HttpRequest, cart: Cart) -> HttpResponse:
    """Show all lines and the address once more, with prices and stock as of now."""
    priced = quote(cart)
    if not priced.is_orderable:
        return see_other("checkout:cart")
    if not priced.is_method_chosen or priced.wish_problem:
        return see_other("checkout:information")
    context = {
        "quote": priced,
        "checkout_key": cart.checkout_key,
        "return_url": request.build_absolute_uri(),
        "charged_at_shipment": settings.CAPTURE == Payment.Capture.SHIPMENT,
        # Not from the cache of pages: it decides whether there is a button.
        "announcements": active_announcements(),
        **card_form_context(priced.total),
    }
    return render(request, "checkout/confirmation.html", context)


def _purchase(request: HttpRequest) -> HttpResponse:
    """Place what was confirmed, or show the confirmation again with what changed."""
    form = PurchaseForm(request.POST)
    if not form.is_valid():
        return see_other("checkout:confirmation")
    sent = form.cleaned_data
    cart = current_cart(request)
    if cart is None or not _is_for(cart, sent["checkout_key"]):
        # Sent twice, from a second tab or after Back: this confirmation has its order.
        order = Order.objects.filter(checkout_key=sent["checkout_key"]).first()
        return see_other(
            *("checkout:order", order.uid) if order else ("checkout:cart",)
        )
    if not sent["confirmation_token"]:
        messages.error(request, _("Fill in the card form. It needs JavaScript."))
        return see_other("checkout:confirmation")
    priced = quote(cart)
    if priced.digest != sent["digest"]:
        messages.warning(request, _what_changed(priced, sent))
        return see_other("checkout:confirmation")
    return _place(request, cart, priced, sent["confirmation_token"])


def _is_for(cart: Cart, checkout_key: UUID) -> bool:
    return cart.state == Cart.State.OPEN and cart.checkout_key == checkout_key


def _place(request: HttpRequest, cart: Cart, priced: Quote, token: str) -> HttpResponse:
    try:
        order = place_order(
            cart,
            priced,
            token=token,
            language=(get_language() or "en")[:2],
            client=client_address(request),
            customer=customer_of(request),
        )
    except _REFUSALS as refusal:
        messages.error(request, refusal.sentence)
        return see_other("checkout:confirmation")
    except CheckoutPaused:
        # While checkout is paused, the page itself says so.
        messages.warning(request, _("Your order was not placed. Nothing was charged."))
        return see_other("checkout:confirmation")
    except (CartEmpty, QuoteChanged):
        return see_other("checkout:cart")
    except InformationMissing:
        return see_other("checkout:information")
    return see_other("checkout:order", order.uid)


# Each has a sentence for the customer.
_REFUSALS = (SoldOut, TooManyCards, TooManyUnpaid, DiscountGone, PurchaseLimitReached)


def _what_changed(priced: Quote, sent: dict[str, Any]) -> str:
    language = get_language() or "en"
    seen_total, seen_days = sent["seen_total"], sent["seen_days"]
    days = priced.promise.days if priced.promise else ""
    if seen_total == priced.total.minor and days and seen_days not in ("", days):
        return _(
            "The delivery date has changed from %(before)s to %(now)s since you "
            "looked. Nothing was ordered or charged. Please check it again."
        ) % {"before": seen_days, "now": days}
    if seen_total is None or seen_total == priced.total.minor:
        return _(
            "Something in your order has changed since you looked. Nothing was ordered "
            "or charged. Please check it again."
        )
    return _(
        "The amount has changed from %(before)s to %(now)s since you looked. Nothing "
        "was ordered or charged. Please check it again."
    ) % {
        "before": Money(seen_total, priced.total.currency).format(language),
        "now": priced.total.format(language),
    }
