"""Filter lists of orders by the sagas of the orders.

Sagas are chosen first, from an index of their own, and at most as many as the list
shows. If something else narrows the list as well, all matching sagas count.
"""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.admin.lists.search import MOST
from checkout.status.sagas import order_number
from saga.models import Saga, SagaQuerySet
from shop.formatting import Wording

_OF_THE_PAGE = ("p", "o", "e", "all")


class WorkFilter(admin.SimpleListFilter):
    """Shows what needs staff unless asked otherwise; ``work`` labels that choice."""

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
    """Return the order numbers of ``sagas``, as a subquery for the list of orders.

    ``asked`` are the request's parameters by which ``sagas`` were chosen. If no other
    parameter narrows the list, only as many numbers are returned as the list shows,
    sorted by ``first``: without this limit the database may scan all orders for the few
    of a rare state.
    """
    numbers = sagas.values(of_order=order_number())
    ours = {*asked, *_OF_THE_PAGE}
    if any(value for name, value in request.GET.items() if name not in ours):
        return numbers
    return numbers.order_by(first)[: MOST + 1]
