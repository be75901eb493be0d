"""The order in which the cards from one internet address are sent to the bank.

At any time at most as many cards of an address are with the bank as may still be
declined. All further ones wait until the bank has answered those before them. So no
number of tries at the same moment gets more declines than the limit, and good customers
behind one address only wait for some seconds.
"""

from datetime import timedelta
from enum import Enum

from django.conf import settings
from django.db.models import Count, Q

from checkout.card_testing.limits import DECLINED, WINDOW, Origin, origins_of
from orders.models import PaymentAttempt
from shop.database_clock import Now

PAUSE = timedelta(seconds=1)


class Turn(Enum):
    """Whether a card may be sent to the bank: now, later, or not at all."""

    NOW = 0
    LATER = 1
    REFUSED = 2


def turn_of(attempt: PaymentAttempt) -> Turn:
    """Return whether it is this attempt's turn. Reads only.

    Attempts of one address are written one after the other (``admit`` locks its row).
    So their keys tell who came first, and the answer needs no lock.
    """
    if not settings.CARD_TRIES_PER_HOUR:
        return Turn.NOW
    turns = (_turn(attempt, origin) for origin in origins_of(attempt.client))
    return max(turns, key=lambda turn: turn.value, default=Turn.NOW)


def _turn(attempt: PaymentAttempt, origin: Origin) -> Turn:
    rows = PaymentAttempt.objects.filter(origin.names(), created_at__gt=Now(-WINDOW))
    # An order that stopped for staff must not hold up its neighbours for longer than
    # its customer may pay.
    unanswered = Q(
        outcome=PaymentAttempt.Outcome.OPEN,
        created_at__gt=Now(-timedelta(minutes=settings.HOLD_MINUTES)),
    )
    counts = rows.aggregate(
        declined=Count("pk", filter=DECLINED),
        ahead=Count("pk", filter=unanswered & Q(pk__lt=attempt.pk)),
    )
    if counts["declined"] >= origin.declines:
        return Turn.REFUSED
    with_the_bank = counts["declined"] + counts["ahead"]
    return Turn.LATER if with_the_bank >= origin.declines else Turn.NOW
