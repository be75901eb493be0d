"""The visitor's cart, by the cookie of the request, and the order it has become."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

from checkout.cart.cookies import cart_uid
from checkout.cart.models import Cart
from checkout.cart.services import find_cart
from orders.models import Order
from shop.web.redirects import see_other


def current_cart(request: HttpRequest) -> Cart | None:
    return find_cart(cart_uid(request))


def order_of(cart: Cart) -> Order | None:
    """Return the order that this cart has become; None when there is none."""
    if cart.state == Cart.State.OPEN:
        return None
    return Order.objects.filter(checkout_key=cart.checkout_key).first()


def with_open_cart(
    view: Callable[[HttpRequest, Cart], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give the view the visitor's open cart.

    Without one there is nothing to order: the cart's page says so. A cart that was
    ordered leads to its order, also after Back and from a second tab.
    """

    def enter(request: HttpRequest) -> HttpResponse:
        cart = current_cart(request)
        if cart is None:
            return see_other("checkout:cart")
        order = order_of(cart)
        if order is not None:
            return see_other("checkout:order", order.uid)
        return view(request, cart)

    return wraps(view)(enter)
