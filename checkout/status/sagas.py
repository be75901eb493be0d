"""All sagas of one order together: its main path and its branches."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from checkout.status.names import CHECKOUT_NAME
from orders.models import (
    Order,
)
from saga.history import present_attempt
from saga.models import ENDED, Attempt, Saga, State


@dataclass(frozen=True)
class OrderSagas:
    """``all``: the main path, then its branches in the order of their beginning."""

    all: tuple[Saga, ...]

    @property
    def main_path(self) -> Saga:
        return self.all[0]

    @property
    def branches(self) -> tuple[Saga, ...]:
        return self.all[1:]

    @property
    def failed(self) -> list[Saga]:
        return [saga for saga in self.all if saga.state == State.FAILED]

    @property
    def most_urgent(self) -> Saga:
        """Return the saga whose state is shown as that of the order.

        A failed one comes first, then one that is retried for long, one whose last try
        failed, one that is at work; when all others have ended, the main path.
        """
        return min(self.all, key=_rank)

    def in_branch(self, branch: str) -> Saga | None:
        """Return the saga of that branch, if it has begun; "" is the main path."""
        return next((saga for saga in self.all if saga.branch == branch), None)

    def history(self) -> list[Attempt]:
        """Return all attempts and actions as they happened, present attempts last."""
        rows = Attempt.objects.filter(saga__in=self.all).select_related("saga")
        return [*rows.order_by("id"), *self.present_tries()]

    def present_tries(self) -> list[Attempt]:
        """Return the attempts that are being made now; they are not stored yet."""
        found = (present_attempt(saga) for saga in self.all)
        return [row for row in found if row is not None]


def sagas_of_orders(numbers: Iterable[str]) -> dict[str, OrderSagas]:
    """Return order's number -> its sagas: one query for any number of orders."""
    rows = Saga.objects.filter(definition=CHECKOUT_NAME, reference__in=list(numbers))
    return {sagas.main_path.reference: sagas for sagas in group_by_order(rows)}


def group_by_order(rows: QuerySet[Saga]) -> list[OrderSagas]:
    """Group these rows by their order; they must hold all sagas of each order."""
    found: dict[tuple[str, str], list[Saga]] = defaultdict(list)
    for saga in rows.order_by("pk"):
        found[saga.definition, saga.reference].append(saga)
    return [OrderSagas(tuple(sagas)) for sagas in found.values()]


def _rank(saga: Saga) -> tuple[bool, ...]:
    return (
        saga.state != State.FAILED,
        saga.alert_wanted_at is None,
        saga.state in ENDED or saga.state == State.JOINING,
        not saga.error,
        bool(saga.branch),
    )


def saga_of(order: Order) -> Saga:
    """Return the order's main path, for which its customer waits."""
    return Saga.objects.main_paths().get(
        definition=CHECKOUT_NAME, reference=order.number
    )


def sagas_by_number(numbers: Iterable[str]) -> dict[str, Saga]:
    """Return order's number -> its most urgent saga: one query."""
    sagas = sagas_of_orders(numbers)
    return {number: each.most_urgent for number, each in sagas.items()}
