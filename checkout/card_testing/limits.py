"""How many cards may come from one internet address, or from one network, in an hour.

Only cards that the bank declined count against CARD_TRIES_PER_HOUR: a try that the bank
has not answered yet, or that never reached it, says nothing about its customer. All
cards together have a far higher limit, CARDS_PER_HOUR: a thief who has found good cards
is not to use them without end either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from checkout.payments.declines import NEVER_ASKED
from orders.models import PaymentAttempt
from shop.database_clock import Now
from shop.web.client_address import network_of

WINDOW = timedelta(hours=1)
# A provider gives a /48 of IPv6 to an office or to some hundred households, and anybody
# can rent one. So it may try more than one household, but not 65,536 times as much.
NETWORK_FACTOR = 4
DECLINED = Q(outcome=PaymentAttempt.Outcome.DECLINED) & ~Q(decline_code__in=NEVER_ASKED)


@dataclass(frozen=True)
class Origin:
    """An internet address or a network, and the field of an attempt that names it."""

    field: str
    address: str
    factor: int = 1

    @property
    def declines(self) -> int:
        """How many cards from here may be declined within the hour."""
        return int(settings.CARD_TRIES_PER_HOUR) * self.factor

    @property
    def cards(self) -> int:
        """How many cards may come from here within the hour."""
        return int(settings.CARDS_PER_HOUR) * self.factor

    def names(self) -> Q:
        """Return the condition of an attempt that came from here."""
        return Q((self.field, self.address))


def origins_of(client: str) -> Iterator[Origin]:
    """Return the network of ``client``, if it is counted by network too, and itself."""
    network = network_of(client)
    if network:
        yield Origin("network", network, NETWORK_FACTOR)
    if client:
        yield Origin("client", client)


def refused_until(origin: Origin) -> datetime | None:
    """Return when the next card may come from ``origin``; None: now."""
    rows = PaymentAttempt.objects.filter(origin.names(), created_at__gt=Now(-WINDOW))
    counts = rows.aggregate(declined=Count("pk", filter=DECLINED), cards=Count("pk"))
    reached = [
        (counted, limit)
        for counted, limit, count in (
            (DECLINED, origin.declines, counts["declined"]),
            (Q(), origin.cards, counts["cards"]),
        )
        if limit and count >= limit
    ]
    newest = rows.order_by("-created_at").values_list("created_at", flat=True)
    ends = [newest.filter(counted)[limit - 1] + WINDOW for counted, limit in reached]
    return max(ends, default=None)
