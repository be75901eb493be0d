"""Waiting rooms and carts that stand in them."""

from datetime import timedelta

from checkout.cart.models import Cart
from checkout.cart.pricing import quote
from checkout.waiting_room import tickets
from checkout.waiting_room.models import Ticket, WaitingRoom
from checkout.waiting_room.services import open_room
from checkout.waiting_room.tickets import PlaceInLine
from shop.catalogue.models import Product
from shop.database_clock import Now
from tests.support.orders import make_cart


def open_for(product: Product, places: int = 1) -> WaitingRoom:
    return open_room(product, places, "kato", "launch")


def come(cart: Cart | None = None) -> tuple[Cart, PlaceInLine | None]:
    """Let a cart with a mug ask once. Return it and where it stands; None: it is in."""
    cart = cart or make_cart({"MUG-01": 1}, free=0)
    return cart, tickets.enter(cart.pk, quote(cart).rooms)


def numbers(*carts: Cart) -> list[int]:
    """Return where the carts stand, each as it asks now; 0: it is in."""
    places = [come(cart)[1] for cart in carts]
    return [place.number if place else 0 for place in places]


def absent(*carts: Cart, minutes: int = 3) -> None:
    """Let these carts have asked last so long ago."""
    rows = Ticket.objects.filter(cart__in=carts)
    rows.update(seen_at=Now(-timedelta(minutes=minutes)))


def let_in_before(minutes: int, *carts: Cart) -> None:
    """Let these carts have been let in so long ago."""
    rows = Ticket.objects.filter(cart__in=carts, state=Ticket.State.ADMITTED)
    assert rows.update(admitted_at=Now(-timedelta(minutes=minutes))) == len(carts)
