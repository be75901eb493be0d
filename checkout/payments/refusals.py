"""What a refusal of the provider means for an order: who can mend it, what is told.

By Stripe's error codes. https://docs.stripe.com/error-codes
"""

from dataclasses import dataclass
from enum import Enum

from checkout.payments.declines import KIND_OF_CODE, KIND_OF_REFUSAL


class Remedy(Enum):
    """Who can mend a refused request.

    Nobody: the order is cancelled. The customer, with another card. Staff: a setting,
    the account or the program is wrong, and the order waits for them.
    """

    NOBODY = "nobody"
    NEXT_CARD = "next_card"
    STAFF = "staff"


@dataclass(frozen=True)
class Refusal:
    """``told``: the reason of cancelling, or the kind of decline, that is told."""

    remedy: Remedy
    told: str = ""


_AMOUNT = Refusal(Remedy.NOBODY, "amount_refused")
_HOPELESS = {
    "amount_too_large": _AMOUNT,
    "amount_too_small": _AMOUNT,
    "charge_exceeds_source_limit": _AMOUNT,
    "charge_exceeds_transaction_limit": _AMOUNT,
    "invalid_charge_amount": _AMOUNT,
}
_OF_THE_CARD = {
    code: Refusal(Remedy.NEXT_CARD, kind)
    for code, kind in (KIND_OF_CODE | KIND_OF_REFUSAL).items()
}
_STAFF = Refusal(Remedy.STAFF)
REFUSALS = _OF_THE_CARD | _HOPELESS


def refusal_of(code: str) -> Refusal:
    """Return what the provider's code means. An unknown one is for staff."""
    return REFUSALS.get(code, _STAFF)
