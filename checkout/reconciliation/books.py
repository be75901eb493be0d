"""Our side of a payment: the order, its payment and its saga, read in batches."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from checkout.payments.gateway import Intent
from checkout.status.sagas import sagas_by_number
from orders.models import Order, Payment
from saga.models import Saga


@dataclass(frozen=True)
class Entry:
    """One order in our books. Without a saga, nobody moves it on."""

    payment: Payment
    saga: Saga | None

    @property
    def order(self) -> Order:
        return self.payment.order


@dataclass(frozen=True)
class Books:
    """The entries that some payments at Stripe belong to."""

    by_intent: dict[str, Entry]
    by_order: dict[str, Entry]

    def of(self, intent: Intent) -> Entry | None:
        """Return the entry whose payment this is, or else whose order it names."""
        return self.by_intent.get(intent.id) or self.by_order.get(intent.order)


def read_books(intents: Iterable[Intent]) -> Books:
    """Read what belongs to ``intents``: two queries for any number."""
    intents = list(intents)
    mine = Q(intent_id__in=[intent.id for intent in intents])
    named = Q(order__uid__in=[intent.order for intent in intents if _is_uid(intent)])
    entries = read_entries(Payment.objects.filter(mine | named))
    return Books(
        {entry.payment.intent_id or "": entry for entry in entries},
        {str(entry.order.uid): entry for entry in entries},
    )


def read_entries(payments: QuerySet[Payment]) -> list[Entry]:
    rows = list(payments.select_related("order"))
    sagas = sagas_by_number(row.order.number for row in rows)
    return [Entry(row, sagas.get(row.order.number)) for row in rows]


def _is_uid(intent: Intent) -> bool:
    # Others may charge through the same account, and name their orders as they like.
    try:
        UUID(intent.order)
    except ValueError:
        return False
    return True
