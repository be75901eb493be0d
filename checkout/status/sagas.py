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
    """``members``: the main path, then its branches in the order of their beginning."""

    members: tuple[Saga, ...]

    @property
    def main_path(self) -> Saga:
        return self.members[0]

    @property
    def branches(self) -> tuple[Saga, ...]:
        return self.members[1:]

    @property
    def failed(self) -> list[Saga]:
        return [saga for saga in self.members if saga.state == State.FAILED]

    @property
    def standing(self) -> Saga:
        """Return the member that says where the order stands.

        One that stopped comes first, then one that keeps trying in vain, one that was
        disturbed, one that is at work; while all others have ended, the main path.
        """
        return min(self.members, key=_rank)

    def member(self, branch: str) -> Saga | None:
        """Return the member that runs in ``branch``; "" is the main path."""
        return next((saga for saga in self.members if saga.branch == branch), None)

    def history(self) -> list[Attempt]:
        """Return all that was tried and done, as it happened; present tries last."""
        rows = Attempt.objects.filter(saga__in=self.members).select_related("saga")
        return [*rows.order_by("id"), *self.present_tries()]

    def present_tries(self) -> list[Attempt]:
        found = (present_attempt(saga) for saga in self.members)
        return [row for row in found if row is not None]


def sagas_of_orders(numbers: Iterable[str]) -> dict[str, OrderSagas]:
    """Return order's number -> family: one query for any number of orders."""
    rows = Saga.objects.filter(definition=CHECKOUT_NAME, reference__in=list(numbers))
    return {family.main_path.reference: family for family in group_by_order(rows)}


def group_by_order(rows: QuerySet[Saga]) -> list[OrderSagas]:
    """Return the families of these rows, which are all of each family's."""
    found: dict[tuple[str, str], list[Saga]] = defaultdict(list)
    for saga in rows.order_by("pk"):
        found[saga.definition, saga.reference].append(saga)
    return [OrderSagas(tuple(members)) for members in found.values()]


def _rank(saga: Saga) -> tuple[bool, ...]:
    return (
        saga.state != State.FAILED,
        saga.alert_wanted_at is None,
        saga.state in ENDED or saga.state == State.JOINING,
        not saga.error,
        bool(saga.branch),
    )


def saga_of(order: Order) -> Saga:
    """Return the order's main path: what its customer waits for."""
    return Saga.objects.main_paths().get(
        definition=CHECKOUT_NAME, reference=order.number
    )


def sagas_by_number(numbers: Iterable[str]) -> dict[str, Saga]:
    """Return for each order the one of its sagas that tells where it stands."""
    return {number: each.standing for number, each in sagas_of_orders(numbers).items()}
