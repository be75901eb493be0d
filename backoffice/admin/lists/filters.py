"""What the list of orders can be narrowed to by their sagas.

Sagas are chosen first, by an index of their own, and at most as many as the list
shows; where something else narrows it as well, all of them count.
"""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.admin.lists.search import MOST
from saga.models import Saga, SagaQuerySet
from shop.formatting import Wording

_OF_THE_PAGE = ("p", "o", "e", "all")


class WorkFilter(admin.SimpleListFilter):
    """Keeps what needs somebody unless asked otherwise: ``work`` names that choice."""

    work: Wording

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": self.work}, *others]


def select_numbers(
    sagas: SagaQuerySet,
    request: HttpRequest,
    asked: Collection[str],
    first: str = "-pk",
) -> QuerySet[Saga, Any]:
    """Return the numbers of the orders of ``sagas``, for which ``asked`` was sent.

    Where nothing else narrows the list, those that it may show, chosen before their
    orders: left to itself, the database may look through the orders for the few of a
    rare state. ``first`` names the order in which they are.
    """
    numbers = sagas.values("reference")
    ours = {*asked, *_OF_THE_PAGE}
    if any(value for name, value in request.GET.items() if name not in ours):
        return numbers
    return numbers.order_by(first)[: MOST + 1]
