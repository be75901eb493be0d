"""The choices that a customer is offered when goods of an order are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.shortages import substitutes
from checkout.mail import outbox
from checkout.mail.models import MailKind
from orders.errors import ShortageMoved
from orders.models import Shortage
from orders.parcels import Instead, counted, due, name_of
from orders.transitions import shortages as records
from orders.transitions.shortages import Decision
from shop.formatting import price
from shop.money import Money

Choice = Shortage.Choice


@dataclass(frozen=True)
class Option:
    """One choice as the customer reads it: what happens, and the amount."""

    choice: Choice
    title: str
    text: str


@transaction.atomic
def ask(
    shortage: Shortage,
    seen: int,
    actor: str,
    until: date | None,
    instead: Sequence[Instead] = (),
) -> None:
    """Queue a mail with a link by which the customer chooses. Raises ShortageMoved.

    ``until`` is when the goods are expected; without it, waiting is not offered.
    ``instead`` has one substitute for each missing row, or none at all.
    """
    records.ask(shortage, seen, actor, until, instead)
    key = f"{shortage.pk}-{shortage.moves}"
    outbox.queue(shortage.order, MailKind.SHORTAGE, key, shortage=shortage.pk)


def choose(shortage: Shortage, choice: Choice, seen: int, remark: str) -> None:
    """Carry out the customer's choice, once. Raises ShortageMoved or OutOfStock.

    ``shortage`` must have been read just now: the choice is checked against it.
    ``seen`` must equal its ``moves``, which are checked again in the write.
    """
    if seen != shortage.moves or choice not in offered(shortage):
        raise ShortageMoved(shortage)
    takes = choice == Choice.SUBSTITUTE
    decision = Decision(
        choice=choice,
        seen=seen,
        actor=shortage.order.name,
        reason=remark,
        by_customer=True,
        until=shortage.expected_on if choice == Choice.WAIT else None,
        instead=substitutes.offered(shortage) if takes else (),
    )
    shortages.decide(shortage, decision)


def offered(shortage: Shortage) -> list[Choice]:
    """Return what the customer may choose; nothing unless asked and undecided.

    Waiting is offered if the expected day is known and not over, a substitute if staff
    named one that is still free.
    """
    if shortage.status != Shortage.Status.OPEN or shortage.asked_at is None:
        return []
    day = shortage.expected_on
    cannot = set()
    if day is None or day < timezone.localdate():
        cannot.add(Choice.WAIT)
    if not substitutes.offered(shortage):
        cannot.add(Choice.SUBSTITUTE)
    found = shortages.open_choices(shortage)
    return [choice for choice in found if choice not in cannot]


def options(shortage: Shortage) -> list[Option]:
    return [_option(shortage, choice) for choice in offered(shortage)]


def _option(shortage: Shortage, choice: Choice) -> Option:
    if choice == Choice.SUBSTITUTE:
        title = gettext("Send another article in their place")
        return Option(choice, title, _instead(shortage))
    values = {"amount": price(shortages.refund_for(shortage, choice))}
    if choice == Choice.WAIT and shortage.expected_on:
        values["day"] = date_format(shortage.expected_on, "DATE_FORMAT")
        title = gettext("Wait for the missing items")
        text = gettext(
            "We expect them by %(day)s, and then send everything together. You pay "
            "nothing more."
        )
    elif choice == Choice.PART:
        values["goods"] = _names(shortage)
        title, text = _part(values["goods"])
    else:
        title = gettext("Send nothing, and refund everything")
        text = gettext(
            "Nothing is sent. We refund %(amount)s after a member of our staff has "
            "checked it, usually within three working days."
        )
    return Option(choice, title, text % values)


def _part(goods: str) -> tuple[str, str]:
    """Return title and text; ``goods`` is "" if all that was there left already."""
    if not goods:
        return gettext("Send nothing more, and refund what is missing"), gettext(
            "We refund %(amount)s after a member of our staff has checked it, usually "
            "within three working days."
        )
    return gettext("Send the rest now, and refund what is missing"), gettext(
        "We send you %(goods)s. We refund %(amount)s after a member of our staff "
        "has checked it, usually within three working days."
    )


def _instead(shortage: Shortage) -> str:
    """Describe what is sent instead, what is refunded, and what the shop pays."""
    instead = substitutes.offered(shortage)
    sends = gettext("%(new)s in place of %(old)s")
    goods = [
        sends % {"new": counted(each), "old": name_of(each.row.goods)}
        for each in instead
    ]
    text = gettext("We send you %(goods)s, with everything else.")
    lines = [text % {"goods": ", ".join(goods)}]
    refund = shortages.refund_for(shortage, Choice.SUBSTITUTE, instead)
    if refund:
        text = gettext(
            "What it costs less, %(amount)s, we refund after a member of our staff has "
            "checked it, usually within three working days."
        )
        lines.append(text % {"amount": price(refund)})
    borne = sum(each.borne_minor for each in instead)
    if borne:
        text = gettext("What it costs more, %(amount)s, we bear.")
        lines.append(text % {"amount": price(Money(borne, shortage.currency))})
    return " ".join([*lines, gettext("You pay nothing more.")])


def _names(shortage: Shortage) -> str:
    """Return the names of the goods that are there and have not left."""
    return ", ".join(name_of(units.goods) for units in due(shortage.order))
