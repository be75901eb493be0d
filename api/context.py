"""What a resolver knows of the request: the visitor, their cart and their language."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import strawberry
from django.http import HttpRequest
from django.utils.translation import get_language

from api.watched import Watched
from checkout.cart.cookies import cart_uid
from checkout.cart.models import Cart
from checkout.cart.services import find_cart
from shop.customers.models import Customer
from shop.customers.visitor import customer_of
from shop.web.client_address import client_address


@dataclass
class Context:
    """One request. ``uses_cookies``: it was proved to come from a page of the shop.

    Without that proof cookies are not read, and none is set: the visitor names the cart
    by its id, which nobody can guess.
    """

    request: HttpRequest
    uses_cookies: bool = False
    # The cart that the visitor's cookie is to lead to.
    cart_to_remember: Cart | None = None
    # Of a subscription: what it shows, and after which message the client was lost.
    watched: Watched | None = None
    resumed_after: int = 0

    @cached_property
    def customer(self) -> Customer | None:
        return customer_of(self.request) if self.uses_cookies else None

    @property
    def customer_pk(self) -> int | None:
        return self.customer.pk if self.customer else None

    @property
    def client(self) -> str:
        """The visitor's internet address, or "" if it is not known."""
        return client_address(self.request)

    @property
    def language(self) -> str:
        return (get_language() or "en")[:2]

    def cart_uid(self, named: UUID | None) -> UUID | None:
        """Return the uid of the named cart, or of the cookie's; None: there is none."""
        if named is None:
            return cart_uid(self.request) if self.uses_cookies else None
        return named if self.find_cart(named) else None

    def find_cart(self, named: UUID | None) -> Cart | None:
        """Return the named cart, or the cookie's. A customer's is for them only."""
        if named is None:
            return find_cart(self.cart_uid(None))
        cart = find_cart(named)
        is_others = cart and cart.customer_id not in (None, self.customer_pk)
        return None if is_others else cart

    def remember(self, cart: Cart) -> None:
        """Let the visitor's cookie lead to ``cart``, if cookies are used."""
        if self.uses_cookies:
            self.cart_to_remember = cart


Info = strawberry.Info[Context, None]
