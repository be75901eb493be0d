"""What the shop reads of the provider's account: each movement with its fee."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from checkout.payments.unreadable import UnreadableObject


@dataclass(frozen=True)
class ProviderMovement:
    """One movement of the provider's account. Amounts are minor units, with a sign.

    ``amount`` went into the account (negative: out of it), ``fee`` was kept from it
    (negative: given back). ``kind`` is the provider's word, such as "charge", "refund"
    or "payout"; ``source`` what caused it: a charge, a refund, a dispute, a payout.
    """

    id: str
    kind: str
    amount: int
    fee: int
    currency: str
    source: str
    created_at: datetime


class Balance(Protocol):
    """The part of a Gateway that is about the provider's account."""

    def movements_since(
        self, moment: datetime
    ) -> Iterator[ProviderMovement | UnreadableObject]:
        """Read every movement since then, newest first, page by page."""
