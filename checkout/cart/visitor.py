"""Who is asking: the visitor's cart, and where it leads."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from checkout.cart.cookies import cart_uid
from checkout.cart.models import Cart
from checkout.cart.services import find_cart
from orders.models import Order


class SeeOther(HttpResponseRedirect):
    """Post/Redirect/Get: the browser fetches ``to`` with GET, whatever it sent."""

    status_code = 303


def see_other(to: object, *args: object) -> SeeOther:
    return SeeOther(resolve_url(to, *args))  # type: ignore[arg-type]


def current_cart(request: HttpRequest) -> Cart | None:
    return find_cart(cart_uid(request))


def order_of(cart: Cart) -> Order | None:
    """Return the order this cart has become, if it has."""
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
