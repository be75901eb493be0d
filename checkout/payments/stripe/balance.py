"""The movements of the account at Stripe: a part of StripeGateway."""

from collections.abc import Iterator
from datetime import datetime

from checkout.payments.balance import ProviderMovement
from checkout.payments.provider_fields import ProviderObject, Unreadable
from checkout.payments.stripe.lists import StripeLists
from checkout.payments.unreadable import UnreadableObject

_MOVEMENTS = "/v1/balance_transactions"


class StripeBalance(StripeLists):
    """See Balance."""

    def movements_since(
        self, moment: datetime
    ) -> Iterator[ProviderMovement | UnreadableObject]:
        since = {"gte": int(moment.timestamp())}
        return self._read_list(
            _MOVEMENTS, "balance_transaction", read_movement, created=since
        )


def read_movement(found: ProviderObject) -> ProviderMovement:
    """Return the movement. Raises Unreadable."""
    created_at = found.moment("created")
    if created_at is None:
        message = "balance_transaction.created is missing"
        raise Unreadable(message)
    return ProviderMovement(
        id=found.identifier(),
        kind=found.identifier("type"),
        amount=found.signed_amount("amount"),
        fee=found.signed_amount("fee"),
        currency=found.currency(),
        source=found.optional_identifier("source"),
        created_at=created_at,
    )
