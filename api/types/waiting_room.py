"""A place in the line of a waiting room."""

import strawberry

from checkout.waiting_room import tickets


@strawberry.type(description="Where a cart stands in line for the checkout.")
class PlaceInLine:
    is_admitted: bool = strawberry.field(
        description="Whether it is the cart's turn: the order can be placed now."
    )
    number: int = strawberry.field(description="From 1; 0: it is the cart's turn.")
    ahead: int = strawberry.field(description="Customers before it who are there.")
    minutes: int | None = strawberry.field(
        description="About how long it takes; null: it cannot be said."
    )
    ask_again: int = strawberry.field(
        description="Seconds after which to ask again. A cart that does not ask for "
        "two minutes is passed, and keeps its place."
    )


def place_of(place: tickets.PlaceInLine | None) -> PlaceInLine:
    """Return the place; None: nothing of the cart has to wait."""
    if place is None:
        return PlaceInLine(
            is_admitted=True, number=0, ahead=0, minutes=None, ask_again=0
        )
    return PlaceInLine(
        is_admitted=False,
        number=place.number,
        ahead=place.ahead,
        minutes=place.minutes,
        ask_again=place.ask_again,
    )
