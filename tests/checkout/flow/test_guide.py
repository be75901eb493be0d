"""The step that docs/how-to/saga-step.md tells its reader to write works as it says."""

import types
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests

from checkout.flow.definition import CHECKOUT
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Order
from saga.definition import register
from saga.engine import run
from saga.models import Saga, State
from tests.conftest import Clock
from tests.support.guides import files_of
from tests.support.invariants import assert_invariants
from tests.support.ordering import charges, place

pytestmark = pytest.mark.django_db

MODULE = "checkout/flow/announce_order.py"


class Accounts:
    """The accounting system: answers as planned, then books what it does not know."""

    def __init__(self) -> None:
        self.plan: list[int | Exception] = []
        self.booked: dict[str, Any] = {}
        self.calls = 0

    def post(self, _url: str, **request: Any) -> requests.Response:
        self.calls += 1
        planned = self.plan.pop(0) if self.plan else 200
        answer = requests.Response()
        answer.status_code = planned if isinstance(planned, int) else 200
        if answer.ok:
            self.booked[request["headers"]["Idempotency-Key"]] = request["json"]
        if isinstance(planned, Exception):
            raise planned
        answer._content = b'{"receipt": "A-7"}'
        return answer


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    """The checkout has the guide's step."""
    system = Accounts()
    monkeypatch.setattr(requests, "post", system.post)
    module = types.ModuleType("announce_order")
    exec(files_of("how-to/saga-step.md")[MODULE], module.__dict__)  # noqa: S102
    register(
        replace(
            CHECKOUT,
            version=2,
            branches=(*CHECKOUT.branches, module.BRANCH),
            steps=(*CHECKOUT.steps, module.STEP),
        )
    )
    yield system
    register(CHECKOUT)


def branch() -> Saga:
    return Saga.objects.get(branch="accounts")


def test_a_paid_order_is_announced_and_the_receipt_kept(
    accounts: Accounts, gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()

    run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert accounts.booked == {
        order.number: {"order": order.number, "paid": order.total_minor, "in": "JPY"}
    }
    assert branch().output("announce_order") == {"receipt": "A-7"}
    assert_invariants(charges(gateway), ended=True)


def test_an_answer_that_was_lost_leads_to_one_booking(
    accounts: Accounts, gateway: FakeGateway, clock: Clock
) -> None:
    accounts.plan = [requests.ConnectionError("lost"), 503]
    _, saga = place()

    run(saga.pk)
    for _ in range(3):
        clock.shift(60)
        run(branch().pk)

    assert (accounts.calls, len(accounts.booked)) == (3, 1)
    assert branch().state == State.DONE


def test_a_refusal_stops_the_branch_and_neither_mail_nor_parcel(
    accounts: Accounts, gateway: FakeGateway, clock: Clock
) -> None:
    accounts.plan = [400]
    order, saga = place()

    run(saga.pk)

    order.refresh_from_db()
    assert (branch().state, accounts.booked) == (State.FAILED, {})
    assert order.status == Order.Status.CONFIRMED
    assert order.events.filter(name="confirmation_sent").exists()
    assert len(charges(gateway)) == 1
