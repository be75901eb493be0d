"""All sagas of one order: main path, branches, and what they leave behind."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Left

from checkout.status.names import CANCELLATION_NAME, CHECKOUT_NAME, SHIPPING_NAME
from orders.models import (
    Exchange,
    Order,
)
from orders.numbers import is_exchange, order_of
from saga.history import present_attempt
from saga.models import ENDED, Attempt, Saga, State

# The sagas whose reference is an order's number; of SHIPPING_NAME also the number of
# one of its exchanges.
OF_ORDERS = (CHECKOUT_NAME, SHIPPING_NAME, CANCELLATION_NAME)
_LONGEST_NUMBER = 13
_OF_EXCHANGE = r"^[0-9]{6}-[0-9A-Z]{6}-X[0-9]+$"


@dataclass(frozen=True)
class OrderSagas:
    """``own``: the main path, then its branches in the order of their beginning.

    ``left_behind`` are the sagas that follow: of the shipment, if a warehouse sends it,
    and of the cancellation.
    """

    own: tuple[Saga, ...]
    left_behind: tuple[Saga, ...] = ()

    @property
    def all(self) -> tuple[Saga, ...]:
        return (*self.own, *self.left_behind)

    @property
    def main_path(self) -> Saga:
        return self.own[0]

    @property
    def branches(self) -> tuple[Saga, ...]:
        return self.own[1:]

    @property
    def shipping(self) -> "OrderSagas | None":
        """Return the shipping saga as if it were an order's only one, or None."""
        return self._other(SHIPPING_NAME)

    @property
    def cancellation(self) -> "OrderSagas | None":
        """Return the saga that cancels the order in the same way, or None."""
        return self._other(CANCELLATION_NAME)

    @property
    def exchanges(self) -> list["OrderSagas"]:
        """Return the shipping saga of each exchange in the same way, the oldest first.

        Only what a warehouse sends has one.
        """
        rows = [saga for saga in self.left_behind if is_exchange(saga.reference)]
        return [OrderSagas((saga,)) for saga in rows]

    def _other(self, definition: str) -> "OrderSagas | None":
        rows = tuple(
            saga
            for saga in self.left_behind
            if saga.definition == definition and not is_exchange(saga.reference)
        )
        return OrderSagas(rows) if rows else None

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
        return next((saga for saga in self.own if saga.branch == branch), None)

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
    names = list(numbers)
    rows = Saga.objects.filter(definition__in=OF_ORDERS, reference__in=names)
    if settings.WAREHOUSE != "manual":
        again = Exchange.objects.filter(returned__order__number__in=names)
        of_exchange = Q(definition=SHIPPING_NAME, reference__in=again.values("number"))
        rows = Saga.objects.filter(
            Q(definition__in=OF_ORDERS, reference__in=names) | of_exchange
        )
    found: dict[str, OrderSagas] = {}
    # The checkout's come first: the others are younger.
    for each in group_by_order(rows):
        number = order_of(each.main_path.reference)
        before = found.get(number)
        others = (*before.left_behind, *each.own) if before else ()
        found[number] = replace(before, left_behind=others) if before else each
    return found


def group_by_order(rows: QuerySet[Saga]) -> list[OrderSagas]:
    """Group these rows by their order; they must hold all sagas of each order."""
    found: dict[tuple[str, str], list[Saga]] = defaultdict(list)
    for saga in rows.order_by("pk"):
        found[saga.definition, saga.reference].append(saga)
    return [OrderSagas(tuple(sagas)) for sagas in found.values()]


def order_number() -> F | Case:
    """Return an expression for rows of sagas: the number of the order of each."""
    if settings.WAREHOUSE == "manual":
        # No exchange has a saga, and this reads the index alone.
        return F("reference")
    again = Q(definition=SHIPPING_NAME, reference__regex=_OF_EXCHANGE)
    return Case(
        When(again, then=Left("reference", _LONGEST_NUMBER)), default=F("reference")
    )


def _rank(saga: Saga) -> tuple[bool, ...]:
    return (
        saga.state != State.FAILED,
        saga.alert_wanted_at is None,
        saga.state in ENDED or saga.state == State.JOINING or _waits_for_parcel(saga),
        not saga.error,
        bool(saga.branch) or saga.definition != CHECKOUT_NAME,
    )


def _waits_for_parcel(saga: Saga) -> bool:
    """Return whether it waits for days, as every parcel does: nobody waits with it."""
    return saga.definition == SHIPPING_NAME and saga.state == State.WAITING


def saga_of(order: Order) -> Saga:
    """Return the order's main path, for which its customer waits."""
    return Saga.objects.main_paths().get(
        definition=CHECKOUT_NAME, reference=order.number
    )


def sagas_by_number(numbers: Iterable[str]) -> dict[str, Saga]:
    """Return order's number -> its most urgent saga: one query."""
    sagas = sagas_of_orders(numbers)
    return {number: each.most_urgent for number, each in sagas.items()}
