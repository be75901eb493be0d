"""What the pages and mails say, by where shipment, money and stock of an order are.

The table is the specification: the pages are held to it, and docs/what-pages-say.md is
drawn from it. The stock follows the shipment: no third dimension is free.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Parcel(Enum):
    """Where the shipment is."""

    NONE = "not yet requested"
    REQUESTED = "to be packed"
    HELD_BACK = "on hold, items are missing"
    DISPATCHED = "dispatched"
    CALLED_OFF = "called off"
    PREPARED = "is to be prepared for pick-up"
    LIES_READY = "lies ready to be picked up"
    PICKED_UP = "was picked up"


class Money(Enum):
    """Where the customer's money is."""

    UNPAID = "nothing approved"
    APPROVED = "approved, not charged"
    CHARGED = "charged"
    PART = "partly refunded"
    FAILED = "the refund of all failed"
    UNDER_WAY = "the refund of all is on its way"
    REFUNDED = "all refunded"
    DISPUTED = "all disputed"


_LEFT = (Money.CHARGED, Money.PART, Money.FAILED)
_GONE = (Money.UNDER_WAY, Money.REFUNDED, Money.DISPUTED)
STOCK = {
    Parcel.NONE: "set aside",
    Parcel.REQUESTED: "booked out",
    Parcel.HELD_BACK: "booked out, missing units written off",
    Parcel.DISPATCHED: "booked out",
    Parcel.CALLED_OFF: "back in stock",
    Parcel.PREPARED: "booked out",
    Parcel.LIES_READY: "booked out",
    Parcel.PICKED_UP: "booked out",
}


@dataclass(frozen=True)
class Said:
    """What is said of one cell.

    ``title`` heads the customer's page. ``is_packed``: a page may say that the goods
    are being packed. ``money`` is the page's sentence about money, empty for none.
    ``cancels`` is how the customer may cancel. ``buttons`` are those of staff with all
    permissions. ``confirms``: the confirmation would still be mailed.
    """

    title: str
    money: str = ""
    is_packed: bool = False
    cancels: str = ""
    buttons: tuple[str, ...] = ()
    confirms: bool = False


KEPT = "Your money is still with us"
# The same in the mail of an order that was cancelled.
KEPT_BY_MAIL = "We still have your payment"
PARTLY = "We have refunded ¥1,000 of the ¥4,200 that you paid"
RETURNED = "our money was given back"
NOTHING = "Nothing was charged"
_WAITS = "Your order is on hold: some items are missing"
_NOT_SENT = "Your order is not sent"


def why_impossible(parcel: Parcel, money: Money) -> str:
    """Return why the cell cannot occur, else ""."""
    is_unpaid = money in (Money.UNPAID, Money.APPROVED)
    if parcel is not Parcel.NONE and is_unpaid:
        return "only a charge requests a shipment"
    if parcel is Parcel.NONE and money is Money.CHARGED:
        return "the charge requests the shipment within the same second"
    if parcel is Parcel.NONE and not is_unpaid:
        return "only a stopped order is refunded before that (dashboard-acts.md)"
    return ""


def said(parcel: Parcel, money: Money) -> Said:
    """Return what is said of a possible cell."""
    match parcel:
        case Parcel.NONE:
            return _BEFORE[money]
        case Parcel.REQUESTED:
            return _to_be_packed(money)
        case Parcel.HELD_BACK:
            return _held_back(money)
        case Parcel.DISPATCHED:
            return Said(
                "Your order is on its way",
                money=RETURNED if money in _GONE else "",
                buttons=("return", *_refundable(money)),
                confirms=money in _LEFT,
            )
        case Parcel.PREPARED | Parcel.LIES_READY | Parcel.PICKED_UP:
            return _at_its_place(parcel, money)
        case Parcel.CALLED_OFF:
            kept = PARTLY if money is Money.PART else KEPT
            return Said(
                "Your order was cancelled",
                money=RETURNED if money in _GONE else kept,
                buttons=_refundable(money),
            )


_BEFORE = {
    Money.UNPAID: Said("Please pay at a convenience store", cancels="at_once"),
    Money.APPROVED: Said(
        "We have accepted your order", cancels="ask", buttons=("release", "cancel")
    ),
}


def _to_be_packed(money: Money) -> Said:
    if money in _GONE:
        return Said(_NOT_SENT, money=RETURNED, buttons=("call-off",))
    return Said(
        "Thank you. Your order is complete",
        is_packed=True,
        cancels="ask",
        buttons=("ship", "missing", "cancel", "refund"),
        confirms=True,
    )


def _at_its_place(parcel: Parcel, money: Money) -> Said:
    """Return what is said of an order that its customer picks up."""
    if parcel is Parcel.PICKED_UP:
        return Said(
            "You have picked up your order",
            money=RETURNED if money in _GONE else "",
            buttons=("return", *_refundable(money)),
            confirms=money in _LEFT,
        )
    if money in _GONE:
        return Said(
            "Your order cannot be picked up", money=RETURNED, buttons=("call-off",)
        )
    is_ready = parcel is Parcel.LIES_READY
    return Said(
        "Your order is ready to pick up"
        if is_ready
        else "Thank you. Your order is complete",
        cancels="ask",
        buttons=(
            *("ship", "missing", "cancel", "refund"),
            *(() if is_ready else ("ready",)),
        ),
        confirms=True,
    )


def _held_back(money: Money) -> Said:
    if money in _GONE:
        return Said(_NOT_SENT, money=RETURNED, buttons=("cancel",))
    return Said(_WAITS, cancels="ask", buttons=("cancel", "refund"), confirms=True)


def _refundable(money: Money) -> tuple[str, ...]:
    return ("refund",) if money in _LEFT else ()


def cells(*, possible: bool = True) -> Iterator[tuple[Parcel, Money]]:
    """Yield every cell that can occur, or every one that cannot."""
    for parcel in Parcel:
        for money in Money:
            if bool(why_impossible(parcel, money)) != possible:
                yield parcel, money
