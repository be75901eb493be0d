"""A list of orders that knows its rows' sagas."""

from typing import Any, cast

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

from checkout.cases import sagas_by_number
from checkout.saga.models import Saga
from orders.models import Order


class SagaChangeList(ChangeList):
    """A list of orders whose page knows the sagas of its rows: one query for all."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        sagas = sagas_by_number(row.number for row in rows)
        for row in rows:
            vars(row)["_saga"] = sagas.get(row.number)
        self.result_list = cast("Any", rows)


def saga_on(row: Order) -> Saga | None:
    """Return the saga that SagaChangeList put on the row."""
    return cast("Saga | None", vars(row)["_saga"])
