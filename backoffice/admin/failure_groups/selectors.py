"""Failure groups: stopped orders by cause, and a preview of resuming each group."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext

from backoffice import wording
from backoffice.order_overview import OrderOverview, read_overviews
from backoffice.previews.order import preview_resume
from backoffice.previews.preview import Preview
from checkout.status import money
from checkout.status.failures import cause, failure
from orders.models import Order, Payment
from orders.numbers import order_of
from saga.failure_groups import grouped, sagas_of_group, signature_of
from saga.models import Saga
from saga.resolve import find_obstacle
from shop import formatting
from shop.money import Money

SHOWN = 50


@dataclass(frozen=True)
class MoneyPart:
    """How many orders, and how much: ``key`` is a ChargeState."""

    key: str
    count: int
    amount: str

    @property
    def title(self) -> str:
        return str(money.ChargeState(self.key).label)


@dataclass(frozen=True)
class Group:
    """Orders that stopped at the same step with the same error."""

    id: str
    sagas: list[Saga]
    failures: list[str]
    money: list[MoneyPart]

    @property
    def first(self) -> Saga:
        return self.sagas[0]

    @property
    def step(self) -> str:
        return wording.step_title(self.first.step)

    @property
    def failure(self) -> str:
        """Return what did not happen, and what else if the books differ."""
        return " / ".join(self.failures)

    @property
    def cause(self) -> str:
        return cause(self.first)

    @property
    def error(self) -> str:
        return signature_of(self.first)

    @property
    def age(self) -> str:
        return formatting.age(_since(self.first))


@dataclass(frozen=True)
class Member:
    """One order of a group; ``warnings`` say what will probably stop it again."""

    overview: OrderOverview
    money: tuple[str, str]
    age: str
    warnings: list[str]


@dataclass(frozen=True)
class HeldBack:
    """One order that cannot be resumed, and why."""

    number: str
    why: str


@dataclass(frozen=True)
class GroupPreview:
    """What resuming a group will do; ``seen`` is the group's fingerprint."""

    group: Group
    ready: list[Member]
    left: list[HeldBack]
    first: Preview
    seen: str

    @property
    def shown(self) -> list[Member]:
        return self.ready[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.ready) - SHOWN)

    @property
    def warned(self) -> int:
        return sum(bool(member.warnings) for member in self.ready)


def list_groups() -> list[Group]:
    """Return all groups, the largest first: two queries for any number."""
    found = grouped()
    numbers = [order_of(saga.reference) for sagas in found.values() for saga in sagas]
    payments = _payments(numbers)
    rows = [_group(name, sagas, payments) for name, sagas in found.items()]
    return sorted(rows, key=lambda group: (-len(group.sagas), group.id))


def preview_group(name: str) -> GroupPreview | None:
    """Return a preview of the group; None if no order is in it any more."""
    sagas = sagas_of_group(name)
    if not sagas:
        return None
    numbers = [order_of(saga.reference) for saga in sagas]
    group = _group(name, sagas, _payments(numbers))
    overviews = {
        overview.order.number: overview
        for overview in read_overviews(Order.objects.filter(number__in=numbers))
    }
    ready, left = [], []
    for saga in sagas:
        number, obstacle = order_of(saga.reference), find_obstacle(saga)
        overview = overviews.get(number)
        why = str(obstacle) if obstacle else ""
        if overview is None:
            why = gettext("There is no order of that number.")
        if why or overview is None:
            left.append(HeldBack(saga.reference, why))
        else:
            ready.append(_member(overview.at(saga)))
    first = preview_resume(ready[0].overview) if ready else Preview([], [])
    return GroupPreview(group, ready, left, first, fingerprint(sagas))


def choose_sagas(shown: GroupPreview) -> list[Saga]:
    """Return the sagas that can be resumed, in the order in which they stopped."""
    ready = {member.overview.order.number for member in shown.ready}
    return [saga for saga in shown.group.sagas if order_of(saga.reference) in ready]


def fingerprint(sagas: Sequence[Saga]) -> str:
    """Return a hash that changes when a saga of these is added, gone or changed."""
    seen = ",".join(f"{saga.pk}:{saga.fence}" for saga in sagas)
    return hashlib.sha256(seen.encode()).hexdigest()


def _member(overview: OrderOverview) -> Member:
    return Member(
        overview,
        money.money(overview.payment, overview.saga),
        formatting.age(_since(overview.saga)),
        preview_resume(overview).warnings,
    )


def _since(saga: Saga) -> datetime:
    return saga.failed_at or saga.due_at


def _payments(numbers: Sequence[str]) -> dict[str, Payment]:
    rows = Payment.objects.filter(order__number__in=numbers).select_related("order")
    return {payment.order.number: payment for payment in rows}


def _group(name: str, sagas: list[Saga], payments: dict[str, Payment]) -> Group:
    failures = [
        failure(saga, payments[number].status)
        for saga in sagas
        if (number := order_of(saga.reference)) in payments
    ]
    return Group(name, sagas, list(dict.fromkeys(failures)), _money(sagas, payments))


def _money(sagas: Sequence[Saga], payments: dict[str, Payment]) -> list[MoneyPart]:
    count: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for saga in sagas:
        payment = payments.get(order_of(saga.reference))
        if payment is None:
            continue
        key = money.charge_state(payment.status, saga)
        count[key] += 1
        total[key] += money.amount(payment, key).minor
    return [
        MoneyPart(
            key, count[key], formatting.price(Money(total[key], settings.CURRENCY))
        )
        for key in money.ChargeState
        if count[key]
    ]
