"""Call management commands, and put orders into states for them."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from checkout.flow.definition import CHECKOUT
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Order
from saga.branches import BRANCHES_LAST
from saga.changes import joining
from saga.engine import run
from saga.errors import ManualIntervention
from saga.models import Saga, State
from tests.support.ordering import place


def call(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def call_json(*words: str, **options: Any) -> Any:
    """Call with --json. Return the one document that was printed."""
    return json.loads(call(*words, "--json", **options))


def refused(*words: str, **options: Any) -> tuple[int, str, str]:
    """Call a command that is refused. Return exit code, message and output."""
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(*words, stdout=out, **options)
    return refusal.value.returncode, str(refusal.value), out.getvalue()


def stopped_at_payment(gateway: FakeGateway, sku: str = "MUG-01") -> Order:
    """Return an order that stopped at its payment, with nothing charged."""
    gateway.fail("create", provider.Refused("parameter unknown"))
    order, saga = place(units={sku: 1})
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.step) == (State.FAILED, "authorize_payment")
    return order


def stop_at(saga: Saga, step: str) -> Saga:
    """Stop the order at ``step``. Return the stopped main path or branch."""
    run(saga.pk)
    branch = CHECKOUT.step(step).branch
    member = Saga.objects.get(reference=saga.reference, branch=branch)
    if branch:
        Saga.objects.filter(pk=saga.pk).update(
            finished_at=None, **joining(BRANCHES_LAST)
        )
    Saga.objects.filter(pk=member.pk).update(
        state=State.FAILED,
        step=step,
        finished_at=None,
        failed_at=saga.created_at,
        alert_wanted_at=saga.created_at,
        error="look at this",
        error_class=ManualIntervention.__name__,
    )
    saga.refresh_from_db()
    member.refresh_from_db()
    return member


def working() -> Callable[[float], None]:
    """Return a ``sleep`` during which all running sagas go on."""

    def sleep(_seconds: float) -> None:
        for saga in Saga.objects.filter(state=State.RUNNING):
            run(saga.pk)

    return sleep
