"""Find sagas for the commands, and describe them for people and scripts."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError

from checkout.flow.definition import CHECKOUT
from checkout.status.money import money_taken
from checkout.status.names import WAIT_FOR_SHIPMENT
from checkout.status.sagas import OrderSagas, sagas_of_orders
from orders.models import Payment
from orders.numbers import order_of
from saga.failure_groups import failure_group_id
from saga.models import Attempt, Saga
from saga.resolve import find_obstacle


def find(numbers: Iterable[str]) -> list[OrderSagas]:
    """Return the sagas of these orders, in the same order.

    Raises CommandError if an order does not exist.
    """
    known = list(numbers)
    rows = sagas_of_orders(known)
    missing = [number for number in known if number not in rows]
    if missing:
        message = f"no such order: {', '.join(missing)} (see: manage.py saga_list)"
        raise CommandError(message)
    return [rows[number] for number in known]


def as_dict(saga: Saga) -> dict[str, Any]:
    """Return a saga as JSON values. Times are ISO 8601 or null."""
    return {
        "order": saga.reference,
        "branch": saga.branch,
        "state": saga.state,
        "direction": saga.direction,
        "step": saga.step,
        "attempt": saga.attempt,
        "error": saga.error,
        "error_class": saga.error_class,
        "failure_group": failure_group_id(saga),
        "waiting_for": saga.waiting_for,
        "held_back": held_back(saga),
        "due_at": saga.due_at.isoformat(),
        "pivot_at": saga.pivot_at.isoformat() if saga.pivot_at else None,
        "failed_at": saga.failed_at.isoformat() if saga.failed_at else None,
        "created_at": saga.created_at.isoformat(),
        "finished_at": saga.finished_at.isoformat() if saga.finished_at else None,
    }


def describe(sagas: OrderSagas) -> dict[str, Any]:
    """Return an order's sagas as JSON values, with steps, attempts and the payment.

    The top level is ``as_dict`` of the order's most urgent saga.
    """
    saga = sagas.most_urgent
    number = order_of(saga.reference)
    payment = Payment.objects.select_related("order").get(order__number=number)
    outputs: dict[str, Any] = {}
    for each in sagas.all:
        outputs |= each.data
    return as_dict(saga) | {
        "branches": [as_dict(each) for each in sagas.all],
        "version": saga.version,
        "next": next_action(saga),
        "steps": [step.name for step in CHECKOUT.steps],
        "outputs": outputs,
        "money": money_taken(payment.order),
        "payment": {
            "status": payment.status,
            "intent": payment.intent_id,
            "amount": payment.amount_minor,
            "currency": payment.currency,
        },
        "attempts": [_attempt(row) for row in sagas.history()],
    }


def held_back(saga: Saga) -> str:
    """Return why this code cannot continue the saga; empty if it can or has ended."""
    obstacle = None if saga.finished_at else find_obstacle(saga)
    return str(obstacle) if obstacle else ""


def next_action(saga: Saga) -> str:
    """Return what happens next without staff, as half a sentence."""
    held = held_back(saga)
    if held:
        return f"held back: {held}"
    due = saga.due_at.isoformat(timespec="seconds")
    if saga.state == "failed":
        return f"nothing, until staff run saga_resume {saga.reference}"
    if saga.state in ("waiting", "joining"):
        return f"waits {_for_what(saga)}"
    if saga.state in ("running", "compensating"):
        verb = "undo" if saga.state == "compensating" else "do"
        who = f"{saga.claimed_by} has it until" if saga.claimed_by else "due"
        return f"{verb} {saga.step}, {who} {due}"
    return "nothing, it has ended"


def _for_what(saga: Saga) -> str:
    due = saga.due_at.isoformat(timespec="seconds")
    if saga.waiting_for == WAIT_FOR_SHIPMENT:
        return f"until staff run order_release {saga.reference}, checked again at {due}"
    if saga.state == "joining":
        return f"for {saga.waiting_for}"
    return f"for the customer ({saga.waiting_for}) until {due}"


def _attempt(row: Attempt) -> dict[str, Any]:
    return {
        "branch": row.saga.branch,
        "step": row.step,
        "direction": row.direction,
        "number": row.number,
        "started_at": row.started_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "outcome": row.outcome or "under way",
        "input": row.input,
        "error_class": row.error_class,
        "error": row.error,
        "worker": row.worker,
        "actor": row.actor,
        "note": row.note,
    }
