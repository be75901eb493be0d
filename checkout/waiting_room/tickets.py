"""The line of a waiting room: who stands where, and who is let in next.

Tickets are numbered by the database, so the line is the order in which their carts
came. A visitor who asks is let in if fewer customers are before them than there are
free places. Nobody is let in unasked: a place would run out before its customer knew.
A cart with goods of several rooms goes in when it is its turn in all of them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from checkout.waiting_room.models import Ticket, WaitingRoom
from shop.database_clock import Now

# Within it a page that asks again writes nothing.
_SEEN_LATELY = timedelta(seconds=20)
# The speed of the line is what it did in this time.
_MEASURED = timedelta(minutes=5)
# A page asks again after so many seconds: sooner, the nearer its turn is.
SOONEST, LATEST = 5, 30
_PER_SECOND = 10  # customers before it, for one second more


@dataclass(frozen=True)
class PlaceInLine:
    """Where a cart stands in the waiting room ``room`` (its key).

    ``ahead`` are the customers before it who are still there. ``let_in`` were let in
    within the last five minutes.
    """

    room: int
    name: str
    is_admitted: bool
    ahead: int = 0
    let_in: int = 0

    @property
    def number(self) -> int:
        """Return the place, from 1; 0: it is in the checkout."""
        return 0 if self.is_admitted else self.ahead + 1

    @property
    def minutes(self) -> int | None:
        """Return in about how many minutes its turn comes; None: it cannot be said."""
        if not self.let_in or self.is_admitted:
            return None
        return ceil(self.number * (_MEASURED / timedelta(minutes=1)) / self.let_in)

    @property
    def ask_again(self) -> int:
        """Return after how many seconds to ask again."""
        return min(SOONEST + self.ahead // _PER_SECOND, LATEST)


def enter(cart: int, rooms: Collection[int]) -> PlaceInLine | None:
    """Stand in line in all these rooms, and go in when it is the cart's turn in all.

    Return where it waits longest, or None: it may go to the checkout. Asked again, it
    has the same place. Without rooms it costs no statement.
    """
    places = _places(cart, rooms)
    waiting = [place for place in places if not place.is_admitted]
    return max(waiting, key=lambda place: place.ahead, default=None)


def use(cart: int, rooms: Collection[int]) -> bool:
    """Give the cart's places back for its order. Return False if it lacks one.

    Must be called in the transaction that places the order; where it lacks one, that
    must be rolled back. Without rooms it costs no statement.
    """
    if not rooms:
        return True
    inside = Ticket.objects.inside().filter(
        cart=cart, room__in=rooms, room__closed_at=None
    )
    used = inside.update(state=Ticket.State.USED)
    # A room that was closed since the goods were read needs no place.
    return used == len(rooms) or used == _open(rooms).count()


def move(source: int, target: int) -> None:
    """Give the cart ``target`` the places of ``source``, which is merged into it.

    Where both wait the better place stays: nobody loses one by signing in.
    """
    # A place that ran out is worth less than any number in line.
    over = Ticket.objects.overdue().filter(cart__in=[source, target])
    over.update(state=Ticket.State.LAPSED)
    own = {
        ticket.room_id: ticket for ticket in Ticket.objects.live().filter(cart=target)
    }
    for ticket in Ticket.objects.live().filter(cart=source):
        other = own.get(ticket.room_id)
        if other is not None and _rank(other) < _rank(ticket):
            continue
        if other is not None:
            Ticket.objects.filter(pk=other.pk).delete()
        Ticket.objects.filter(pk=ticket.pk).update(cart=target)


def count_of(tickets: QuerySet[Ticket]) -> Coalesce:
    """Return the expression that counts these tickets, which are of one room."""
    counted = tickets.order_by().values("room").annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count")), 0)


def _rank(ticket: Ticket) -> tuple[bool, int]:
    return ticket.state != Ticket.State.ADMITTED, ticket.pk


def _places(cart: int, rooms: Collection[int]) -> Iterable[PlaceInLine]:
    if not rooms:
        return []
    tickets = _read(cart, rooms)
    gone = [row.pk for row in tickets if row.is_over]
    if gone:
        over = Ticket.objects.overdue().filter(pk__in=gone)
        over.update(state=Ticket.State.LAPSED)
    held = {row.room_id for row in tickets if not row.is_over}
    if set(rooms) - held:
        _draw(cart, set(rooms) - held)
        tickets = _read(cart, rooms)
    # It goes in to several rooms at once: in one, its minutes would run out while it
    # waits for another. There it is passed meanwhile, and keeps its number.
    late = [row for row in tickets if not _is_turn(row)]
    stale = [row.pk for row in late or tickets if row.is_stale]
    if stale:
        Ticket.objects.filter(pk__in=stale).update(seen_at=Now())
    if late:
        return [_place_of(row, is_in=False) for row in late]
    return [_go_in(row) for row in tickets]


def _read(cart: int, rooms: Collection[int]) -> list[Any]:
    """Return the cart's live tickets of rooms that are open, as they stand now."""
    same = Ticket.objects.filter(room=OuterRef("room"))
    before = same.present().filter(pk__lt=OuterRef("pk"))
    lately = same.filter(admitted_at__gt=Now(-_MEASURED))
    rows = Ticket.objects.live().filter(cart=cart, room__in=rooms, room__closed_at=None)
    return list(
        rows.select_related("room__product").annotate(
            ahead=count_of(before),
            inside=count_of(same.inside()),
            lately=count_of(lately),
            is_over=Q(pk__in=Ticket.objects.overdue().filter(cart=cart).values("pk")),
            is_stale=Q(state=Ticket.State.WAITING, seen_at__lt=Now(-_SEEN_LATELY)),
        )
    )


def _open(rooms: Collection[int]) -> QuerySet[WaitingRoom]:
    return WaitingRoom.objects.filter(pk__in=rooms, closed_at=None)


def _draw(cart: int, rooms: Iterable[int]) -> None:
    # From two tabs at once: the constraint lets one of them draw.
    fresh = [Ticket(room_id=room, cart_id=cart) for room in sorted(rooms)]
    Ticket.objects.bulk_create(fresh, ignore_conflicts=True)


def _is_turn(row: Any) -> bool:
    is_in = row.state == Ticket.State.ADMITTED
    return bool(is_in or row.ahead < row.room.places - row.inside)


def _go_in(row: Any) -> PlaceInLine:
    is_in = row.state == Ticket.State.ADMITTED or _admit(row.room_id, row.pk)
    return _place_of(row, is_in=is_in)


def _place_of(row: Any, *, is_in: bool) -> PlaceInLine:
    return PlaceInLine(
        room=row.room_id,
        name=row.room.product.name,
        is_admitted=is_in,
        ahead=row.ahead,
        let_in=row.lately,
    )


@transaction.atomic
def _admit(room: int, ticket: int) -> bool:
    """Let the ticket in if there is a place for it. Return whether it is in.

    The room's row is locked first, so that two who ask at once count one another.
    """
    rooms = WaitingRoom.objects.filter(pk=room)
    rooms.update(places=F("places"))
    same = Ticket.objects.filter(room=OuterRef("pk"))
    before = count_of(same.present().filter(pk__lt=ticket))
    free = rooms.annotate(free=F("places") - count_of(same.inside()) - before)
    waiting = Ticket.objects.filter(pk=ticket, state=Ticket.State.WAITING)
    admitted = waiting.filter(room__in=free.filter(free__gt=0).values("pk")).update(
        state=Ticket.State.ADMITTED, admitted_at=Now(), seen_at=Now()
    )
    if admitted:
        rooms.update(let_in=F("let_in") + 1)
        return True
    # From another tab a moment ago: then it is in all the same.
    return Ticket.objects.inside().filter(pk=ticket).exists()
