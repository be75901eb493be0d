"""Every fault of the provider in every call of the checkout, on the real processes.

All orders are placed while workers and sweeper are stopped, each with its own fault;
then these start. After an unclear answer the order completes without a person, and the
customer never reads of a failure. A wrong answer stops the order for a person.
"""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from checkout.cart.pricing import quote
from checkout.payments.payment_pages import ON_PAGE
from checkout.placement.services import place_order
from checkout.status.progress import progress_of
from checkout.tracking.services import read_after_return, try_another_card
from orders.models import Order, PaymentPage
from saga.errors import ActionRefused
from saga.models import Saga, State
from saga.operations import cancel, resume
from tests.support.catalogue import stock_up
from tests.support.live import LiveStack
from tests.support.orders import VISA
from tests.support.orders import make_cart as cart_of
from tests.support.sandbox_control import intents_of, plan_fault
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chaos

DECLINED = "pm_card_visa_chargeDeclined"
LONGER_THAN_WE_WAIT = 0.8  # seconds
# The SDK repeats a cut, a time-out, a 409 and a 5xx once by itself.
UNCLEAR: list[dict[str, Any]] = [
    {"kind": "withhold", "seconds": LONGER_THAN_WE_WAIT, "times": 2},
    {"kind": "delay", "seconds": LONGER_THAN_WE_WAIT, "times": 2},
    {"kind": "cut_before", "times": 2},
    {"kind": "cut_after", "times": 2},
    *(
        {"kind": kind, "status": status, "times": 2}
        for kind in ("error_before", "error_after")
        for status in (409, 429, 500, 503)
    ),
]
WRONG: list[dict[str, Any]] = [
    {"kind": kind, "status": status}
    for kind in ("error_before", "error_after")
    for status in (400, 401, 402, 403)
]
FAULTS = [*UNCLEAR, *WRONG]
# One of each way to fail: the rest is the same code as for intents.
OF_PAGES = [
    *(fault for fault in UNCLEAR if fault.get("status") in (None, 409, 500)),
    *(fault for fault in WRONG if fault["status"] in (400, 401)),
]


OPERATIONS = ("create", "confirm", "capture", "cancel")
# The calls about the provider's own page, for customers without JavaScript.
OPEN, CLOSE = "checkout.sessions.create", "checkout.sessions.expire"
CARD = {"number": "4242424242424242", "expiry": "1234", "cvc": "123"}


@dataclass(frozen=True)
class Cell:
    """One order and its fault."""

    order: Order
    operation: str
    fault: dict[str, Any]

    @property
    def end(self) -> State:
        undone = self.operation in ("cancel", CLOSE)
        return State.COMPENSATED if undone else State.DONE

    def __str__(self) -> str:
        return f"{self.operation} x {self.fault}"


def place(shop: LiveStack, operation: str, fault: dict[str, Any], sku: str) -> Cell:
    cart = cart_of({sku: 1})
    card = DECLINED if operation == "cancel" else VISA
    token = ON_PAGE if operation in (OPEN, CLOSE) else card
    order = place_order(cart, quote(cart), token=token, language="en")
    plan_fault(shop, operation=operation, key=str(order.uid), **fault)
    return Cell(order, operation, fault)


def run_all(shop: LiveStack) -> list[Cell]:
    """Place an order for every fault of every call, then start the workers."""
    plan = [(operation, fault) for operation in OPERATIONS for fault in FAULTS]
    plan += [(operation, fault) for operation in (OPEN, CLOSE) for fault in OF_PAGES]
    sku = stock_up(len(plan))
    shop.stop("sweeper")
    shop.stop("worker")
    cells = [place(shop, operation, fault, sku) for operation, fault in plan]
    shop.start("worker")
    shop.start("sweeper")
    return cells


def find_unfinished(cells: list[Cell]) -> list[tuple[Cell, Saga]]:
    """Return the cells that are not at their end, with their sagas, by one query."""
    numbers = [cell.order.number for cell in cells]
    rows = Saga.objects.filter(reference__in=numbers, parent=None)
    sagas = {saga.reference: saga for saga in rows}
    found = [(cell, sagas[cell.order.number]) for cell in cells]
    return [(cell, saga) for cell, saga in found if saga.state != cell.end]


def help_along(cell: Cell, saga: Saga) -> None:
    """Act as staff and customer. Only a wrong answer may stop an order."""
    if saga.state == State.FAILED:
        assert cell.fault in WRONG, f"{cell} asks for a person: {saga.error}"
        resume(saga, "test", "the provider works again", seen=saga.fence)
    elif saga.state == State.WAITING and saga.waiting_for == "card":
        if cell.end == State.DONE:
            try_another_card(cell.order, VISA)
            return
        # A webhook of the decline may just have woken it; then try the next time.
        with suppress(ActionRefused):
            cancel(saga, "test", "the customer asked for it")
    elif saga.state == State.WAITING and saga.waiting_for == "payment_page":
        visit_page(cell, saga)


def visit_page(cell: Cell, saga: Saga) -> None:
    """Act as the customer on the provider's page, who pays or asks to cancel."""
    if cell.end == State.COMPENSATED:
        with suppress(ActionRefused):
            cancel(saga, "test", "the customer asked for it")
        return
    url = PaymentPage.objects.get(payment__order=cell.order).url
    requests.post(url, data=CARD, allow_redirects=False, timeout=20)
    read_after_return(cell.order)


def test_every_fault_in_every_call_ends_with_one_charge_or_with_none(
    shop: LiveStack,
) -> None:
    cells = run_all(shop)
    outcomes: dict[str, set[str]] = defaultdict(set)

    def all_ended() -> bool:
        left = find_unfinished(cells)
        for cell, saga in left:
            if cell.end == State.DONE:
                outcomes[cell.order.number].add(progress_of(cell.order).outcome)
            help_along(cell, saga)
        return not left

    wait_until(all_ended, "every order is at its end", seconds=240, pause=1)

    intents = intents_of(shop, *(cell.order for cell in cells))
    by_order = {intent["metadata"]["order"]: intent for intent in intents}
    # Nobody tried a card on the pages that were closed.
    unpaid = [cell for cell in cells if cell.operation == CLOSE]
    assert len(intents) == len(by_order) == len(cells) - len(unpaid), "one an order"
    assert not any(str(cell.order.uid) in by_order for cell in unpaid)
    for cell in cells:
        if cell in unpaid:
            continue
        intent = by_order[str(cell.order.uid)]
        if cell.end == State.DONE:
            assert intent["captured"] == cell.order.total_minor, str(cell)
            assert intent["captured_charges"] == 1, str(cell)
        else:
            assert (intent["status"], intent["captured"]) == ("canceled", 0), str(cell)
        if cell.fault in UNCLEAR:
            failed = {"needs_card", "cancelled", "on_hold"}
            assert not outcomes[cell.order.number] & failed, str(cell)
