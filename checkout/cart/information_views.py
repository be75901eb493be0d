"""Information entry: contact, address and delivery.

Beside the button that goes on there are others: fill in the address by its postcode,
take the mail address that was probably meant, another language. They show the form
again with all that was typed.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import check_for_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from checkout.cart import services as carts
from checkout.cart.address import Filled, fill_in
from checkout.cart.errors import CartNotOpen
from checkout.cart.forms import EmailForm, InformationForm
from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.cart.quotes import Quote
from checkout.cart.visitor import with_open_cart
from checkout.shipping.countries import delivery_countries
from checkout.waiting_room import tickets
from shop.customers import addresses
from shop.customers.visitor import customer_of
from shop.web.redirects import see_other

_FILL_IN, _REPLACE, _CHECK = "fill_in", "replace", "check"
_COUNTRY = "country"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@with_open_cart
def information(request: HttpRequest, cart: Cart) -> HttpResponse:
    """Ask for contact, address and delivery. What was typed stays in the form."""
    language = request.POST.get("language", "")
    if _is_offered(language):
        with translation.override(language):
            return _remember(_answer(request, cart), language)
    return _answer(request, cart)


def _answer(request: HttpRequest, cart: Cart) -> HttpResponse:
    suggested = _suggested(request, cart)
    priced = quote(cart, _country(request, suggested))
    elsewhere = _elsewhere(request, cart, priced)
    if elsewhere:
        return see_other(elsewhere)
    act = request.POST.get("act", "")
    if act in (_FILL_IN, _REPLACE):
        filled = fill_in(request.POST.dict(), replace=act == _REPLACE)
        return _show_typed(request, priced, filled)
    if {"language", "use_email"} & request.POST.keys() or act in (_CHECK, _COUNTRY):
        return _show_typed(request, priced, Filled())
    form = InformationForm(
        request.POST or None,
        instance=priced.recipient,
        initial=suggested | _chosen(request.GET.dict()),
        goods=priced.goods,
    )
    if request.method == "POST" and form.is_valid():
        try:
            carts.keep_information(cart, form.cleaned_data)
        except CartNotOpen:
            return see_other("checkout:cart")
        customer = customer_of(request)
        if customer:
            addresses.keep_first(customer, form.cleaned_data)
        return see_other("checkout:confirmation")
    return _show(request, priced, form, Filled())


def _elsewhere(request: HttpRequest, cart: Cart, priced: Quote) -> str:
    """Return the page to which the visitor has to go first, or ""."""
    if not priced.is_orderable:
        return "checkout:cart"
    # What was typed is kept; the confirmation leads whose place ran out to the line.
    if request.method != "POST" and tickets.enter(cart.pk, priced.rooms):
        return "checkout:waiting_room"
    return ""


@require_POST
@with_open_cart
def correct_email(request: HttpRequest, cart: Cart) -> HttpResponse:
    """Take the mail address that the confirmation suggests, and go back there."""
    form = EmailForm(request.POST)
    if form.is_valid() and hasattr(cart, "temporary_order"):
        try:
            carts.keep_information(cart, form.cleaned_data)
        except CartNotOpen:
            return see_other("checkout:cart")
    return see_other("checkout:confirmation")


def _show_typed(request: HttpRequest, priced: Quote, filled: Filled) -> HttpResponse:
    """Show what was typed, unchecked, with what was filled in."""
    names = InformationForm.base_fields.keys() & request.POST.keys()
    typed: dict[str, Any] = {name: request.POST.get(name) for name in names}
    if "use_email" in request.POST:
        typed["email"] = request.POST["use_email"]
    # A box without a tick is not sent.
    typed["has_billing"] = "has_billing" in request.POST
    form = InformationForm(
        instance=priced.recipient,
        initial=typed | dict(filled.values),
        goods=priced.goods,
    )
    return _show(request, priced, form, filled)


def _show(
    request: HttpRequest, priced: Quote, form: InformationForm, filled: Filled
) -> HttpResponse:
    context = {"form": form, "quote": priced, "filled": filled}
    return render(request, "checkout/information.html", context)


def _suggested(request: HttpRequest, cart: Cart) -> dict[str, Any]:
    """Return what the account knows, for a customer who has typed nothing yet."""
    customer = customer_of(request)
    chosen = request.GET.get("address", "")
    if customer is None or (hasattr(cart, "temporary_order") and not chosen):
        return {}
    return addresses.suggestion(customer, chosen)


def _chosen(sent: dict[str, Any]) -> dict[str, Any]:
    """Return what the page's script sends to see the methods for a prefecture."""
    return {
        name: sent[name]
        for name in ("country", "prefecture", "method", "delivery_on", "delivery_slot")
        if name in sent
    }


def _country(request: HttpRequest, suggested: dict[str, Any]) -> str:
    """Return the country that was typed or suggested, or "" to take the kept one."""
    sent = request.POST if request.method == "POST" else request.GET
    country = str(sent.get("country") or suggested.get("country", ""))
    return country if country and country in dict(delivery_countries()) else ""


def _is_offered(language: str) -> bool:
    return language in dict(settings.LANGUAGES) and check_for_language(language)


def _remember(response: HttpResponse, language: str) -> HttpResponse:
    """Keep the choice as Django's own switch does."""
    response.headers["Content-Language"] = language
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return response
