"""Carts and customers for tests of pages, with Django's test client."""

import re
from datetime import timedelta
from typing import Any, Protocol

from django.test import Client
from django.utils import timezone

from checkout.cart import services as carts
from checkout.cart.models import Cart, TemporaryOrder
from checkout.cart.pricing import quote
from checkout.placement.services import place_order
from orders import transitions
from orders.models import Order
from saga.models import Saga, State

CART = "/cart/"
ADD = "/cart/add/"
INFORMATION = "/checkout/information/"
CONFIRMATION = "/checkout/confirmation/"

RECIPIENT = {
    "email": "hanako@customer.example",
    "name": "港 花子",
    "phone": "090-1234-5678",
    "postcode": "106-0031",
    "prefecture": "tokyo",
    "city": "港区",
    "street": "西麻布1-2-3",
    "building": "",
    "delivery": "door",
}


def make_cart(units: dict[str, int], recipient: dict[str, Any] | None = None) -> Cart:
    """Create a cart with SKU -> quantity and, if given, the recipient."""
    cart = carts.open_cart(None)
    for sku, quantity in units.items():
        carts.add(cart.uid, sku, quantity)
    if recipient:
        carts.keep_information(cart, recipient)
    return fetch(cart)


def fetch(cart: Cart) -> Cart:
    """Read the cart again from the database."""
    found = carts.find_cart(cart.uid)
    assert found is not None
    return found


def fill(client: Client, units: dict[str, int]) -> Cart:
    """Put SKU -> quantity into the client's cart. Return the cart."""
    for sku, quantity in units.items():
        answer = client.post(ADD, {"sku": sku, "quantity": quantity})
        assert answer.status_code == 303
    return Cart.objects.latest("pk")


def fill_and_inform(client: Client, units: dict[str, int], **changes: str) -> Cart:
    """Fill the cart and enter the information. Return the cart."""
    cart = fill(client, units)
    answer = client.post(INFORMATION, RECIPIENT | changes)
    assert answer.status_code == 303
    assert answer["Location"] == CONFIRMATION
    return cart


def purchase_form(client: Client, card: str = "ctoken_1") -> dict[str, Any]:
    """Return the fields of the confirmation's form, with the card's token."""
    page = client.get(CONFIRMATION).content.decode()
    names = ("checkout_key", "digest", "seen_total")
    found = {
        name: re.search(rf'name="{name}" value="([^"]+)"', page)[1]  # type: ignore[index]
        for name in names
    }
    return {**found, "confirmation_token": card}


def make_order(units: dict[str, int], language: str = "en") -> Order:
    """Place an order of which no step has run."""
    cart = make_cart(units, RECIPIENT)
    return place_order(cart, quote(cart), token="ctoken_1", language=language)


def set_saga(order: Order, **fields: Any) -> None:
    """Change fields of the order's saga."""
    assert Saga.objects.filter(reference=order.number).update(**fields) == 1


def recipient_of(cart: Cart) -> TemporaryOrder:
    return TemporaryOrder.objects.get(cart=cart)


class Page(Protocol):
    """A response of a view or of the test client, with its content."""

    @property
    def content(self) -> bytes: ...


def text_of(answer: Page) -> str:
    """Return the page with single spaces, as it reads."""
    return " ".join(answer.content.decode().split())


def wait_for_card(order: Order, code: str = "card_declined") -> None:
    transitions.decline_attempt(order.payment.attempts.get(), code)
    until = timezone.now() + timedelta(minutes=30)
    set_saga(
        order,
        step="authorize_payment",
        state=State.WAITING,
        waiting_for="card",
        data={"reserve_stock": {"hold_until": until.isoformat()}},
    )


def complete(order: Order) -> None:
    transitions.capture(order.payment, order.total_minor, "ch_1")
    transitions.confirm(order)
    set_saga(order, step="send_confirmation")
