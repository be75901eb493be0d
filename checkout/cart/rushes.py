"""Products that many customers want in the same minute: their waiting rooms open."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Count, QuerySet

from checkout.cart.models import Cart, CartLine
from checkout.waiting_room import services as waiting_rooms
from saga.retention import is_due
from shop import database_clock
from shop.catalogue.models import Product
from shop.database_clock import Now

_EVERY = timedelta(seconds=10)
# A cart's page and the information write when the cart was last used.
_LATELY = timedelta(minutes=1)


def follow_if_due() -> int:
    """Follow rushes a few times a minute, in whichever process comes first."""
    return follow() if is_due("rushes", _EVERY, database_clock.read()) else 0


def follow() -> int:
    """Open and close waiting rooms as rushes begin and end. Return how many."""
    opened = waiting_rooms.open_by_itself(_wanted()) if _most() else 0
    return opened + waiting_rooms.close_quiet()


def _wanted() -> QuerySet[Product]:
    """Return the products of which enough carts were used in the last minute."""
    lines = CartLine.objects.filter(
        cart__state=Cart.State.OPEN, cart__updated_at__gt=Now(-_LATELY)
    )
    # A cart with two colours of it is one customer.
    carts = Count("cart", distinct=True)
    counted = lines.order_by().values("variant__product").annotate(carts=carts)
    wanted = counted.filter(carts__gte=_most()).values("variant__product")
    has_room = waiting_rooms.open_rooms().values("product")
    return Product.objects.filter(pk__in=wanted).exclude(pk__in=has_room)


def _most() -> int:
    return int(settings.WAITING_ROOM_FROM_CARTS)
