"""A busy shop yields no false mismatch, even without a time of grace."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checkout.payments.fake.gateway import FakeGateway
from checkout.reconciliation.run import reconcile
from inventory import services as inventory
from orders.models import Order
from saga.engine import run
from saga.models import Saga
from tests.checkout.reconciliation.books import found
from tests.support.ordering import place
from tests.support.orders import VISA
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

DECLINED = "pm_card_visa_chargeDeclined"
EACH = 6


def test_orders_that_run_meanwhile_are_no_mismatch(gateway: FakeGateway) -> None:
    place()
    inventory.receive("MUG-01", 50, "enough for all")
    sagas = [
        place(token=VISA if number % 3 else DECLINED)[1] for number in range(2 * EACH)
    ]
    seen: list[list[tuple[str, str]]] = []

    def work(mine: list[Saga]) -> None:
        for saga in mine:
            run(saga.pk)

    def look() -> None:
        for _time in range(EACH):
            reconcile(timezone.now() - timedelta(hours=1), grace=timedelta())
            seen.append(found())

    acts = [lambda: work(sagas[:EACH]), lambda: work(sagas[EACH:]), look]
    assert exceptions_in(run_together(acts, lambda act: act())) == []

    assert seen == [[]] * EACH
    assert Order.objects.filter(status="confirmed").exists()
