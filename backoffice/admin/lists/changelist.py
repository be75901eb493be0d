"""A list of orders whose rows know their sagas."""

from typing import Any, cast

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from checkout.status.sagas import sagas_by_number
from orders.models import Order
from saga.models import Saga, State


class SagaChangeList(ChangeList):
    """A list of orders that reads the sagas of its rows with one query."""

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


def state_badge(saga: Saga) -> SafeString:
    # get_state_display builds its table of labels again for every row.
    text = State(saga.state).label
    return format_html('<span class="badge state-{}">{}</span>', saga.state, text)
