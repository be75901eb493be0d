"""All sagas of one order as the one thing that people see: its trunk and its lanes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from checkout.status.names import CHECKOUT_NAME
from orders.models import (
    Order,
)
from saga.models import ENDED, Attempt, Saga, State


@dataclass(frozen=True)
class OrderSagas:
    """``members``: the trunk, then its lanes in the order in which they began."""

    members: tuple[Saga, ...]

    @property
    def trunk(self) -> Saga:
        return self.members[0]

    @property
    def lanes(self) -> tuple[Saga, ...]:
        return self.members[1:]

    @property
    def failed(self) -> list[Saga]:
        return [saga for saga in self.members if saga.state == State.FAILED]

    @property
    def standing(self) -> Saga:
        """Return the member that says where the order stands.

        One that stopped comes first, then one that keeps trying in vain, one that was
        disturbed, one that is at work; while all others have ended, the trunk.
        """
        return min(self.members, key=_rank)

    def member(self, lane: str) -> Saga | None:
        """Return the member that runs in ``lane``; "" is the trunk."""
        return next((saga for saga in self.members if saga.lane == lane), None)

    def history(self) -> list[Attempt]:
        """Return all that was tried and done, as it happened; present tries last."""
        rows = Attempt.objects.filter(saga__in=self.members).select_related("saga")
        return [*rows.order_by("id"), *self.present_tries()]

    def present_tries(self) -> list[Attempt]:
        found = (saga.present_try() for saga in self.members)
        return [row for row in found if row is not None]


def sagas_of_orders(numbers: Iterable[str]) -> dict[str, OrderSagas]:
    """Return order's number -> family: one query for any number of orders."""
    rows = Saga.objects.filter(definition=CHECKOUT_NAME, reference__in=list(numbers))
    return {family.trunk.reference: family for family in group_by_order(rows)}


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
        bool(saga.lane),
    )


def saga_of(order: Order) -> Saga:
    """Return the order's trunk: what its customer waits for."""
    return Saga.objects.trunks().get(definition=CHECKOUT_NAME, reference=order.number)


def sagas_by_number(numbers: Iterable[str]) -> dict[str, Saga]:
    """Return for each order the one of its sagas that tells where it stands."""
    return {number: each.standing for number, each in sagas_of_orders(numbers).items()}
