"""Buy what a confirmation showed: one way for the page and for the API."""

from dataclasses import dataclass
from uuid import UUID

from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.placement.errors import CardMissing, CartEmpty, ConfirmationOutdated
from checkout.placement.services import place_order
from orders.models import Order
from shop.customers.models import Customer


@dataclass(frozen=True)
class Confirmation:
    """What the customer confirmed, and saw while doing so.

    ``token`` names the card at the provider. ``seen_total`` is in minor units; None: it
    is not known.
    """

    checkout_key: UUID
    digest: str
    token: str
    seen_total: int | None = None
    seen_days: str = ""


@dataclass(frozen=True)
class Visitor:
    """Who buys. ``client`` is an internet address, "" if it is not known."""

    language: str
    client: str = ""
    customer: Customer | None = None


def purchase(cart: Cart | None, confirmed: Confirmation, visitor: Visitor) -> Order:
    """Place what was confirmed. Called again for the same key, return its order.

    Raises CartEmpty when neither the cart nor an order has this key, CardMissing,
    ConfirmationOutdated, and all that ``place_order`` raises. Then nothing was written.
    """
    if cart is None or not _is_for(cart, confirmed.checkout_key):
        # Sent twice, from a second tab or after Back: this confirmation has its order.
        order = _order_of(confirmed)
        if order is None:
            raise CartEmpty
        return order
    if not confirmed.token:
        raise CardMissing
    priced = quote(cart)
    if priced.digest != confirmed.digest:
        # Sent twice at once: what changed may be that the first took the last coupon.
        order = _order_of(confirmed)
        if order is not None:
            return order
        raise ConfirmationOutdated(priced, confirmed.seen_total, confirmed.seen_days)
    return place_order(
        cart,
        priced,
        token=confirmed.token,
        language=visitor.language,
        client=visitor.client,
        customer=visitor.customer,
    )


def _order_of(confirmed: Confirmation) -> Order | None:
    return Order.objects.filter(checkout_key=confirmed.checkout_key).first()


def _is_for(cart: Cart, checkout_key: UUID) -> bool:
    return cart.state == Cart.State.OPEN and cart.checkout_key == checkout_key
