"""saga_mark_done, saga_skip, saga_cancel, and the filters of saga_list."""

from dataclasses import replace
from typing import Any

import pytest
from django.core import mail

from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import IntentStatus
from checkout.status.sagas import saga_of
from orders.models import Order, Payment
from saga.engine import run
from saga.models import Saga, State
from tests.conftest import Clock
from tests.saga.tables import dump
from tests.support.commands import call, call_json, refused, stop_at, stopped_at_payment
from tests.support.invariants import assert_invariants
from tests.support.ordering import charges, counters, place

pytestmark = pytest.mark.django_db


def stopped_at_capture(gateway: FakeGateway) -> tuple[Order, Saga, str]:
    """Return an order whose charge was refused, and its intent's id."""
    gateway.fail("capture", provider.Refused("parameter unknown"))
    order, saga = place()
    run(saga.pk)
    saga.refresh_from_db()
    assert (saga.state, saga.step) == (State.FAILED, "capture_payment")
    intent = Payment.objects.get(order=order).intent_id
    assert intent is not None
    return order, saga, intent


def test_a_charge_made_by_hand_is_proven_at_the_provider(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga, intent = stopped_at_capture(gateway)
    gateway.capture_elsewhere(intent)

    (row,) = call_json("saga_mark_done", order.number, "--reason", "on the dashboard")
    run(saga.pk)

    assert (row["step"], row["outcome"]) == ("fulfil_order", "done")
    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert saga.attempts.get(outcome="marked").note == "on the dashboard"
    assert_invariants(charges(gateway), ended=True)


def test_a_charge_that_the_provider_does_not_know_is_refused(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, _saga, _intent = stopped_at_capture(gateway)
    before = dump()

    code, message, printed = refused("saga_mark_done", order.number, "--json")

    assert code == 1
    assert "capture_payment was not done" in message
    assert "requires_capture" in message
    assert '"outcome": "refused"' in printed
    assert dump() == before
    assert "requires_capture" in refused("saga_mark_done", order.number, "--dry-run")[1]
    assert dump() == before


def test_marking_it_as_done_accepts_a_charge_of_another_amount(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga, intent = stopped_at_capture(gateway)
    gateway.capture_elsewhere(intent, amount=1)

    call("saga_mark_done", order.number, reason="agreed by phone", yes=True)
    run(saga.pk)

    order.refresh_from_db()
    assert order.status == "confirmed"
    assert Payment.objects.get().captured_minor == 1


def test_a_provider_that_cannot_be_asked_proves_nothing(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, _saga, intent = stopped_at_capture(gateway)
    gateway.capture_elsewhere(intent)
    gateway.fail("retrieve", provider.OutcomeUnknownError("no answer"))
    before = dump()

    code, message, _printed = refused("saga_mark_done", order.number)

    assert (code, "could not be asked: no answer" in message) == (1, True)
    assert dump() == before


def test_an_amount_that_is_set_aside_proves_the_authorisation(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga, _intent = stopped_at_capture(gateway)
    Saga.objects.update(step="authorize_payment", pivot_at=None)

    call("saga_mark_done", order.number)
    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.parametrize("change", [{"amount": 1}, {"status": IntentStatus.CANCELED}])
def test_what_is_not_set_aside_in_full_proves_no_authorisation(
    gateway: FakeGateway, clock: Clock, change: dict[str, Any]
) -> None:
    order, _saga, intent = stopped_at_capture(gateway)
    Saga.objects.update(step="authorize_payment", pivot_at=None)
    gateway.intents[intent] = replace(gateway.intents[intent], **change)
    before = dump()

    assert refused("saga_mark_done", order.number)[0] == 1
    assert dump() == before


def test_a_payment_that_was_never_begun_proves_nothing(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = stopped_at_payment(gateway)

    _code, message, _printed = refused("saga_mark_done", order.number)

    assert "no payment was begun at the provider" in message


def test_goods_that_left_the_shelf_prove_the_fulfilment(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()
    stop_at(saga, "fulfil_order")

    (row,) = call_json("saga_mark_done", order.number)

    assert (row["state"], row["step"]) == ("done", "fulfil_order")
    assert counters() == (9, 0)


def test_goods_that_are_still_there_prove_nothing(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, _saga, _intent = stopped_at_capture(gateway)
    Saga.objects.update(step="fulfil_order")
    before = dump()

    _code, message, _printed = refused("saga_mark_done", order.number)

    assert "the ledger says that nothing left" in message
    assert dump() == before


def test_for_the_mail_staffs_word_is_enough(gateway: FakeGateway, clock: Clock) -> None:
    order, saga = place()
    stopped = stop_at(saga, "send_confirmation")
    order.events.filter(name="confirmation_sent").delete()

    call("saga_mark_done", order.number, "--reason", "sent from my own mailbox")

    assert Saga.objects.main_paths().get().state == State.DONE
    assert order.events.filter(name="confirmation_sent").count() == 1
    row = stopped.attempts.get(outcome="marked")
    assert row.note == "sent from my own mailbox"


def test_the_mail_can_be_skipped(gateway: FakeGateway, clock: Clock) -> None:
    order, saga = place()
    stopped = stop_at(saga, "send_confirmation")
    sent = len(mail.outbox)

    (planned,) = call_json("saga_skip", order.number, "--dry-run")
    assert planned["then"] == "done"
    assert stopped.attempts.filter(outcome="skipped").count() == 0
    (row,) = call_json("saga_skip", order.number)

    assert (row["state"], row["outcome"]) == ("done", "done")
    assert saga_of(order).state == State.DONE
    assert len(mail.outbox) == sent


def test_of_two_steps_that_stopped_one_is_named(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()
    stopped = stop_at(saga, "send_confirmation")
    stop_at(saga, "fulfil_order")
    before = dump()

    code, message, _printed = refused("saga_skip", order.number)
    assert code == 2
    assert "at fulfil_order and send_confirmation: choose with --step" in message
    code, message, _printed = refused(
        "saga_skip", order.number, "--step", "capture_payment"
    )
    assert (code, message) == (1, f"{order.number} is not at step capture_payment")
    assert dump() == before

    (row,) = call_json("saga_skip", order.number, "--step", "send_confirmation")

    assert (row["step"], row["outcome"]) == ("send_confirmation", "done")
    assert stopped.attempts.filter(outcome="skipped").count() == 1
    assert saga_of(order).state == State.FAILED


def test_nothing_else_can_be_skipped(gateway: FakeGateway, clock: Clock) -> None:
    order = stopped_at_payment(gateway)
    before = dump()

    code, message, _printed = refused("saga_skip", order.number)

    assert code == 1
    assert "authorize_payment must not be skipped" in message
    assert dump() == before


def test_an_order_is_cancelled_before_the_charge(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = stopped_at_payment(gateway)
    saga = Saga.objects.main_paths().get()
    assert counters() == (10, 1)

    (planned,) = call_json("saga_cancel", order.number, "--dry-run")
    (row,) = call_json("saga_cancel", order.number, "--reason", "the customer called")
    run(saga.pk)

    assert planned["steps"] == ["authorize_payment", "reserve_stock"]
    assert (row["state"], row["outcome"]) == ("compensating", "done")
    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("cancelled", "staff")
    assert counters() == (10, 0)
    assert_invariants(charges(gateway), ended=True)


def test_an_order_that_may_be_charged_is_not_cancelled(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, _saga, _intent = stopped_at_capture(gateway)
    before = dump()

    code, message, printed = refused("saga_cancel", order.number)

    assert code == 1
    assert "past the point of no return" in message
    assert printed == "Cancelled: 0 of 1.\n"
    assert dump() == before


def test_of_several_those_that_can_be_are_cancelled(
    gateway: FakeGateway, clock: Clock
) -> None:
    first = stopped_at_payment(gateway, "CAP-01")
    paid, saga = place(units={"MUG-01": 1})
    run(saga.pk)

    code, message, printed = refused("saga_cancel", first.number, paid.number, "--yes")

    assert (code, printed) == (1, "Cancelled: 1 of 2.\n")
    assert f"Not cancelled: {paid.number} is done" in message


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--error", "PARAMETER"), 1),
        (("--error", "manualintervention"), 1),
        (("--error", "mail server"), 0),
        (("--since", "1h"), 1),
        (("--since", "2030-01-01T00:00:00Z"), 1),
        (("--since", "2031-01-01"), 0),
    ],
)
def test_the_list_can_be_narrowed_by_error_and_time(
    gateway: FakeGateway, clock: Clock, words: tuple[str, ...], expected: int
) -> None:
    stopped_at_payment(gateway)

    assert len(call_json("saga_list", *words)) == expected


def test_a_time_that_is_none_is_refused() -> None:
    assert "neither" in refused("saga_list", "--since", "yesterday")[1]
