"""Stopped orders by their cause, and what resuming a whole group would do."""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import wording
from backoffice.admin.forms import ReasonField
from backoffice.order_overview import OrderOverview, read_overviews
from backoffice.previews.order import Forecast, of_resuming
from checkout.status import money
from orders.models import Order, Payment
from saga.bulk_resume.background import Request
from saga.bulk_resume.decision import Pace
from saga.failure_groups import grouped, members, signature_of
from saga.models import Saga
from saga.resolve import find_obstacle
from shop import formatting
from shop.money import Money

SHOWN = 50


@dataclass(frozen=True)
class MoneyPart:
    """How many orders, and how much: ``key`` is taken, unknown or none."""

    key: str
    count: int
    amount: str

    @property
    def words(self) -> str:
        return str(money.MONEY_IN_SHORT[self.key])


@dataclass(frozen=True)
class Group:
    """Orders that stopped in the same way."""

    id: str
    sagas: list[Saga]
    money: list[MoneyPart]

    @property
    def first(self) -> Saga:
        return self.sagas[0]

    @property
    def step(self) -> str:
        return wording.step_title(self.first.step)

    @property
    def failure(self) -> str:
        return wording.failure(self.first)

    @property
    def cause(self) -> str:
        return wording.cause(self.first)

    @property
    def error(self) -> str:
        return signature_of(self.first)

    @property
    def age(self) -> str:
        return formatting.age(_since(self.first))


@dataclass(frozen=True)
class Member:
    """One order of a group; ``warnings`` say what will probably stop it again."""

    case: OrderOverview
    money: tuple[str, str]
    age: str
    warnings: list[str]


@dataclass(frozen=True)
class Left:
    """One saga that cannot be resumed, and why."""

    number: str
    why: str


@dataclass(frozen=True)
class Preview:
    """What resuming a group would do. ``seen`` is what the page showed, in short."""

    group: Group
    ready: list[Member]
    left: list[Left]
    first: Forecast
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


class GroupForm(forms.Form):
    """How carefully, and why. ``key`` names the form, ``seen`` what it was about."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)
    canary = forms.IntegerField(
        label=_("First so many"),
        min_value=0,
        help_text=_("The others follow when these are through. 0: none goes first."),
    )
    per_second = forms.FloatField(
        label=_("Then orders a second"),
        min_value=0.01,
        max_value=50,
        help_text=_("Slowly enough for whatever was mended: a mail server, the bank."),
    )
    reason = ReasonField(
        help_text=_("Kept with the history of every order, with your name."),
        missing=_("Write why they can go on now."),
    )

    @classmethod
    def blank(cls, seen: str) -> "GroupForm":
        key = uuid.uuid4()
        return cls(initial={"key": key, "seen": seen, "canary": 1, "per_second": 1})

    def bulk_resume(self, actor: str) -> Request:
        values = self.cleaned_data
        pace = Pace(values["canary"], values["per_second"])
        return Request(values["key"], actor, values["reason"], pace)


def groups() -> list[Group]:
    """Return all groups, the largest first: two queries for any number."""
    found = grouped()
    numbers = [saga.reference for sagas in found.values() for saga in sagas]
    payments = _payments(numbers)
    rows = [
        Group(name, sagas, _money(sagas, payments)) for name, sagas in found.items()
    ]
    return sorted(rows, key=lambda group: (-len(group.sagas), group.id))


def preview(name: str) -> Preview | None:
    """Judge every order of the group; None when nothing is stopped in that way."""
    sagas = members(name)
    if not sagas:
        return None
    numbers = [saga.reference for saga in sagas]
    group = Group(name, sagas, _money(sagas, _payments(numbers)))
    cases = {
        case.order.number: case
        for case in read_overviews(Order.objects.filter(number__in=numbers))
    }
    ready, left = [], []
    for saga in sagas:
        case, obstacle = cases.get(saga.reference), find_obstacle(saga)
        why = str(obstacle) if obstacle else ""
        if case is None:
            why = gettext("There is no order of that number.")
        if why or case is None:
            left.append(Left(saga.reference, why))
        else:
            ready.append(_member(case.at(saga)))
    first = of_resuming(ready[0].case) if ready else Forecast([], [])
    return Preview(group, ready, left, first, fingerprint(sagas))


def chosen(shown: Preview) -> list[Saga]:
    """Return the sagas to be resumed, in the order in which they stopped."""
    ready = {member.case.order.number for member in shown.ready}
    return [saga for saga in shown.group.sagas if saga.reference in ready]


def fingerprint(sagas: Sequence[Saga]) -> str:
    """Return the same text for the same sagas in the same state."""
    seen = ",".join(f"{saga.pk}:{saga.fence}" for saga in sagas)
    return hashlib.sha256(seen.encode()).hexdigest()


def _member(case: OrderOverview) -> Member:
    return Member(
        case,
        money.money(case.payment, case.saga),
        formatting.age(_since(case.saga)),
        of_resuming(case).warnings,
    )


def _since(saga: Saga) -> datetime:
    return saga.failed_at or saga.due_at


def _payments(numbers: Sequence[str]) -> dict[str, Payment]:
    rows = Payment.objects.filter(order__number__in=numbers).select_related("order")
    return {payment.order.number: payment for payment in rows}


def _money(sagas: Sequence[Saga], payments: dict[str, Payment]) -> list[MoneyPart]:
    count: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for saga in sagas:
        payment = payments.get(saga.reference)
        if payment is None:
            continue
        key = money.money_key(payment.status, saga)
        count[key] += 1
        total[key] += payment.amount_minor
    return [
        MoneyPart(
            key, count[key], formatting.price(Money(total[key], settings.CURRENCY))
        )
        for key in money.MONEY_IN_SHORT
        if count[key]
    ]
