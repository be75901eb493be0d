"""The cart's page and its changes.

Every change answers with a redirect.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from checkout.cart import services as carts
from checkout.cart.cookies import cart_uid, customer_pk, remember_cart
from checkout.cart.coupon_form import CouponForm
from checkout.cart.errors import (
    NOT_ADDED,
    QUANTITY_WANTED,
    CartFull,
    CartNotOpen,
    NotForSale,
)
from checkout.cart.forms import AddForm, QuantityForm
from checkout.cart.lines import QuoteLine
from checkout.cart.models import Cart, CartLine
from checkout.cart.pricing import quote
from checkout.cart.visitor import current_cart, order_of
from shop.catalogue.choices import sku_of
from shop.catalogue.models import Variant
from shop.web.csrf import accept_own_pages
from shop.web.redirects import see_other

MOST_OFFERED = 20  # quantities to choose from; product pages can add more


@require_safe
@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """Show the cart with stock and prices as of now, and what changed since."""
    return cart_page(request, CouponForm())


def cart_page(request: HttpRequest, coupon_form: CouponForm) -> HttpResponse:
    """Return the cart's page, with a form for a coupon code that may have errors."""
    cart = current_cart(request)
    order = order_of(cart) if cart else None
    if cart and order and cart.state == Cart.State.ORDERED:
        return see_other("checkout:order", order.uid)
    context: dict[str, object] = {"ordered": order, "coupon_form": coupon_form}
    if cart and not order:
        priced = quote(cart)
        context |= {
            "quote": priced,
            "removed": _removed(request),
            "rows": [(line, _choices(line)) for line in priced.lines],
        }
    status = 422 if coupon_form.errors else 200
    response = render(request, "checkout/cart.html", context, status=status)
    if cart and not order:
        remember_cart(response, cart)
    return response


@accept_own_pages
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put units into the cart: a fragment for htmx, else a redirect to the cart."""
    form = AddForm({**request.POST.dict(), "sku": sku_of(request.POST.dict())})
    if "sku" in form.errors:
        return _not_added(request, _("Choose one of the variants."))
    if not form.is_valid():
        return _not_added(request, str(QUANTITY_WANTED))
    sku, quantity = form.cleaned_data["sku"], form.cleaned_data["quantity"]
    try:
        line = carts.add(cart_uid(request), sku, quantity, customer_pk(request))
    except NotForSale as refusal:
        return _not_added(request, refusal.sentence)
    except NOT_ADDED as refusal:
        return _not_added(request, refusal.sentence, refusal.variant)
    response = _added(request, line, quantity)
    remember_cart(response, line.cart)
    return response


@require_POST
def update(request: HttpRequest, line: int) -> HttpResponse:
    form = QuantityForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(QUANTITY_WANTED))
        return see_other("checkout:cart")
    quantity = form.cleaned_data["quantity"]
    if quantity == 0:
        return remove(request, line)
    return _change(request, lambda cart: carts.set_quantity(cart, line, quantity))


@require_POST
def remove(request: HttpRequest, line: int) -> HttpResponse:
    """Remove a line; the page that follows offers to undo it."""
    cart = current_cart(request)
    if cart is None:
        return see_other("checkout:cart")
    try:
        gone = carts.remove(cart, line)
    except CartNotOpen:
        gone = None
    if gone is None:
        return see_other("checkout:cart")
    undo = urlencode({"removed": gone.variant.sku, "quantity": gone.quantity})
    return see_other(f"{reverse('checkout:cart')}?{undo}")


@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    form = AddForm(request.POST)
    if not form.is_valid():
        return see_other("checkout:cart")
    back = form.cleaned_data
    try:
        return _change(
            request, lambda cart: carts.restore(cart, back["sku"], back["quantity"])
        )
    except (CartFull, NotForSale) as refusal:
        messages.error(request, refusal.sentence)
        return see_other("checkout:cart")


def _change(request: HttpRequest, change: Callable[[Cart], object]) -> HttpResponse:
    cart = current_cart(request)
    if cart is not None:
        try:
            change(cart)
        except CartNotOpen:
            # Ordered meanwhile in another tab: the cart's page leads to that order.
            return see_other("checkout:cart")
    return see_other("checkout:cart")


def _choices(line: QuoteLine) -> list[int]:
    """Return the quantities to choose from: those in stock, and the present one."""
    others = line.of_product - line.quantity
    most = max(1, min(line.free, line.most - others, MOST_OFFERED))
    return sorted({*range(1, most + 1), line.quantity})


def _removed(request: HttpRequest) -> dict[str, object] | None:
    """Return what was just removed, read from the address of the page."""
    form = AddForm({"sku": request.GET.get("removed"), **request.GET.dict()})
    if not form.is_valid():
        return None
    sku = form.cleaned_data["sku"]
    variant = Variant.objects.select_related("product").filter(sku=sku).first()
    if variant is None:
        return None
    return {"variant": variant, "quantity": form.cleaned_data["quantity"]}


def _added(request: HttpRequest, line: CartLine, quantity: int) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        text = _("%(name)s was added to your cart.") % {"name": line.variant.name}
        messages.success(request, text)
        return see_other("checkout:cart")
    context = {
        "variant": line.variant,
        "quantity": quantity,
        "cart_summary": carts.summarise(line.cart.uid),
    }
    return render(request, "partials/_added.html", context)


def _not_added(
    request: HttpRequest, problem: str, variant: Variant | None = None
) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "checkout/_not_added.html", {"problem": problem})
    messages.error(request, problem)
    return see_other(variant.product if variant else "checkout:cart")
