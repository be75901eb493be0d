"""Open and close waiting rooms, by staff or by themselves; keep out who must wait."""

import logging
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from checkout.waiting_room import tickets
from checkout.waiting_room.errors import MustWait, RoomOpen
from checkout.waiting_room.models import Ticket, WaitingRoom
from shop.catalogue.models import Product
from shop.database_clock import Now

logger = logging.getLogger(__name__)

# Long enough to look into how a launch went.
KEPT = timedelta(days=30)
_BATCH = 1000
# Who is let in within it did not wait.
_AT_ONCE = timedelta(seconds=3)


def open_rooms() -> QuerySet[WaitingRoom]:
    return WaitingRoom.objects.filter(closed_at=None)


def wait_for_turn(cart: int, rooms: Collection[int]) -> None:
    """Raise MustWait while it is not the cart's turn in all of these rooms.

    The cart stands in line from the first call; asked again, it has the same place.
    """
    place = tickets.enter(cart, rooms)
    if place is not None:
        raise MustWait(place)


def open_room(
    product: Product, places: int, actor: str = "", reason: str = ""
) -> WaitingRoom:
    """Let the product's buyers wait from now on. Without an actor: by itself.

    Whoever is in the checkout already stands in line with their next page. Raises
    RoomOpen when the product has a room, with that room unchanged.
    """
    try:
        # Two at once: the constraint lets one of them open it.
        with transaction.atomic():
            return WaitingRoom.objects.create(
                product=product, places=places, opened_by=actor, reason=reason
            )
    except IntegrityError as error:
        raise RoomOpen(product.pk) from error


def set_places(room: WaitingRoom, places: int) -> bool:
    """Change how many may be in the checkout. Return False if the room is closed.

    Nobody who is in loses the place.
    """
    return bool(open_rooms().filter(pk=room.pk).update(places=places))


def close_room(room: WaitingRoom, actor: str = "", reason: str = "") -> bool:
    """Let everybody who waits go to the checkout. Return False if it was closed."""
    rows = open_rooms().filter(pk=room.pk)
    return bool(rows.update(closed_at=Now(), closed_by=actor, close_reason=reason))


def open_by_itself(products: Iterable[Product]) -> int:
    """Open a room for each of these products that has none. Return how many."""
    opened = 0
    for product in products:
        try:
            room = open_room(product, settings.WAITING_ROOM_PLACES)
        except RoomOpen:
            continue  # by another process, or by staff
        logger.warning("the waiting room of product %s opened by itself", room)
        opened += 1
    return opened


def close_quiet() -> int:
    """Close rooms in which nobody waits and nobody came lately. Return how many.

    One that staff opened stays until somebody had to wait: it is for a launch that is
    still to come, and whoever looks in before must not end it.
    """
    drawn = Ticket.objects.filter(room=OuterRef("pk"))
    waited = Q(admitted_at=None) | Q(admitted_at__gt=F("drawn_at") + _AT_ONCE)
    quiet = Now(-timedelta(minutes=settings.WAITING_ROOM_QUIET_MINUTES))
    over = open_rooms().filter(
        Q(opened_by="") | Exists(drawn.filter(waited)),
        Exists(drawn),
        ~Exists(drawn.filter(drawn_at__gt=quiet)),
        ~Exists(drawn.present()),
    )
    return over.update(closed_at=Now())


def forget(now: datetime) -> int:
    """Remove tickets of rooms that were closed KEPT ago. Return how many."""
    old = Ticket.objects.filter(room__closed_at__lt=now - KEPT)
    pks = list(old.values_list("pk", flat=True)[:_BATCH])
    return Ticket.objects.filter(pk__in=pks).delete()[0]
