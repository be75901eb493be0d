"""What the customer of an order that lacks goods may choose, through a signed link."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from checkout import outbox, shortages
from checkout.records import MailKind
from checkout.words import price
from orders import shortages as records
from orders.errors import ShortageMoved
from orders.models import Shortage
from orders.shortages import Decision

Choice = Shortage.Choice


@dataclass(frozen=True)
class Option:
    """One choice in the customer's words: what happens, and the amount."""

    choice: Choice
    title: str
    text: str


@transaction.atomic
def ask(shortage: Shortage, seen: int, actor: str, until: date | None) -> None:
    """Let the customer choose, by a mail with a link. Raises ShortageMoved.

    ``until``: by when the goods are expected; without it waiting is not offered.
    """
    records.ask(shortage, seen, actor, until)
    key = f"{shortage.pk}-{shortage.moves}"
    outbox.queue(shortage.order, MailKind.SHORTAGE, key, shortage=shortage.pk)


def choose(shortage: Shortage, choice: Choice, seen: int, remark: str) -> None:
    """Take the customer's choice, once. Raises ShortageMoved.

    ``shortage`` was read just now: what is offered is judged by it, and ``seen`` must
    be its count of moves, so that it is still so when the choice is written.
    """
    if seen != shortage.moves or choice not in offered(shortage):
        raise ShortageMoved(shortage)
    decision = Decision(
        choice=choice,
        seen=seen,
        actor=shortage.order.name,
        reason=remark,
        by_customer=True,
        until=shortage.expected_on if choice == Choice.WAIT else None,
    )
    shortages.decide(shortage, decision)


def offered(shortage: Shortage) -> list[Choice]:
    """Return what the customer may choose: nothing unless asked, and undecided.

    Waiting is offered only where a day is known that is not over.
    """
    if shortage.status != Shortage.Status.OPEN or shortage.asked_at is None:
        return []
    day = shortage.expected_on
    can_wait = day is not None and day >= timezone.localdate()
    found = shortages.open_choices(shortage)
    return [choice for choice in found if choice != Choice.WAIT or can_wait]


def options(shortage: Shortage) -> list[Option]:
    return [_option(shortage, choice) for choice in offered(shortage)]


def _option(shortage: Shortage, choice: Choice) -> Option:
    values = {"amount": price(shortages.refund_for(shortage, choice))}
    if choice == Choice.WAIT and shortage.expected_on:
        values["day"] = date_format(shortage.expected_on, "DATE_FORMAT")
        title = gettext("Wait for the missing goods")
        text = gettext(
            "We expect them by %(day)s, and then send everything together. You pay "
            "nothing more."
        )
    elif choice == Choice.PART:
        values["goods"] = _names(shortage)
        title = gettext("Send the rest now, and refund what is missing")
        text = gettext(
            "We send you %(goods)s. We refund %(amount)s after a member of our staff "
            "has checked it, usually within three working days."
        )
    else:
        title = gettext("Send nothing, and refund everything")
        text = gettext(
            "Nothing is sent. We refund %(amount)s after a member of our staff has "
            "checked it, usually within three working days."
        )
    return Option(choice, title, text % values)


def _names(shortage: Shortage) -> str:
    """Write the goods that are there by their names."""
    left = shortages.leftover(shortage)
    lines = shortage.order.lines.filter(sku__in=left)
    goods = (
        f"{line.name} ({line.variant})" if line.variant else line.name for line in lines
    )
    return ", ".join(goods)
