"""Enter a coupon code in the cart, and remove it."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from checkout.cart import services as carts
from checkout.cart.coupon_codes import use_code
from checkout.cart.coupon_form import CouponForm
from checkout.cart.errors import CartNotOpen
from checkout.cart.views import cart_page
from checkout.cart.visitor import current_cart
from checkout.promotions.errors import CouponRefused
from shop.web.client_address import client_address
from shop.web.redirects import see_other


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def apply(request: HttpRequest) -> HttpResponse:
    """Keep the code that was typed, or show the cart with the reason why not.

    A code whose conditions the cart does not meet yet is kept: the cart says what is
    missing.
    """
    cart = current_cart(request)
    if request.method != "POST" or cart is None:
        return see_other("checkout:cart")
    form = CouponForm(request.POST)
    if not form.is_valid():
        return cart_page(request, form)
    try:
        use_code(cart, form.cleaned_data["code"], client_address(request))
    except CartNotOpen:
        return see_other("checkout:cart")
    except CouponRefused as refusal:
        form.add_error("code", refusal.sentence)
        return cart_page(request, form)
    return see_other("checkout:cart")


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    cart = current_cart(request)
    if cart is not None:
        try:
            carts.set_coupon(cart, None)
        except CartNotOpen:
            # Ordered meanwhile in another tab: the cart's page leads to that order.
            return see_other("checkout:cart")
    return see_other("checkout:cart")
