"""The confirmation page, and the purchase."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.announcements.errors import CheckoutPaused
from checkout.announcements.services import active_announcements
from checkout.card_testing.errors import TooManyCards
from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.cart.visitor import current_cart, with_open_cart
from checkout.payments.card_form import card_form_context, with_card_form
from checkout.payments.methods import CARD
from checkout.payments.payment_pages import ON_PAGE
from checkout.placement.errors import (
    CardMissing,
    CartEmpty,
    ConfirmationOutdated,
    InformationMissing,
    QuoteChanged,
    SoldOut,
    TooManyUnpaid,
)
from checkout.placement.forms import PurchaseForm
from checkout.placement.purchase import Confirmation, Visitor, purchase
from checkout.promotions.errors import DiscountGone, PurchaseLimitReached
from checkout.waiting_room import tickets
from checkout.waiting_room.errors import MustWait
from orders.models import Payment
from shop.customers.visitor import customer_of
from shop.web.client_address import client_address
from shop.web.redirects import see_other


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
    if tickets.enter(cart.pk, priced.rooms):
        return see_other("checkout:waiting_room")
    context = {
        "quote": priced,
        "checkout_key": cart.checkout_key,
        "return_url": request.build_absolute_uri(),
        "charged_at_shipment": settings.CAPTURE == Payment.Capture.SHIPMENT
        and not priced.not_before,
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
    on_page = sent["on_page"] and CARD in settings.PAYMENT_METHODS
    token = ON_PAGE if on_page else sent["confirmation_token"]
    confirmed = Confirmation(
        checkout_key=sent["checkout_key"],
        digest=sent["digest"],
        token=token,
        seen_total=sent["seen_total"],
        seen_days=sent["seen_days"],
    )
    try:
        order = purchase(current_cart(request), confirmed, _visitor(request))
    except _REFUSALS as refusal:
        messages.error(request, refusal.sentence)
        return see_other("checkout:confirmation")
    except (CheckoutPaused, ConfirmationOutdated, MustWait) as refusal:
        # While checkout is paused, the page itself says so; it leads to the line.
        messages.warning(request, refusal.sentence)
        return see_other("checkout:confirmation")
    except (CartEmpty, QuoteChanged):
        return see_other("checkout:cart")
    except InformationMissing:
        return see_other("checkout:information")
    return see_other(
        "checkout:order_pay" if token == ON_PAGE else "checkout:order", order.uid
    )


def _visitor(request: HttpRequest) -> Visitor:
    return Visitor(
        language=(get_language() or "en")[:2],
        client=client_address(request),
        customer=customer_of(request),
    )


# Each has a sentence for the customer, and leads to the confirmation.
_REFUSALS = (
    CardMissing,
    SoldOut,
    TooManyCards,
    TooManyUnpaid,
    DiscountGone,
    PurchaseLimitReached,
)
