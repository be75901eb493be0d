"""Staff, and orders in every state, written directly into the database."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission, User
from django.utils import timezone

from checkout.status.names import CHECKOUT_NAME
from inventory import services as inventory
from orders.models import Order, OrderLine, Payment, PaymentAttempt
from saga.branches import BRANCHES_LAST
from saga.models import Attempt, Direction, Saga, State

STEPS = [
    "reserve_stock",
    "authorize_payment",
    "capture_payment",
    "fulfil_order",
    "send_confirmation",
]
ERROR = "OperationalError: the disk is full"


def make_staff(*permissions: str, name: str = "yuki") -> User:
    """Create a member of staff with these permissions only (codenames)."""
    user = User.objects.create_user(name, password="open-sesame", is_staff=True)
    found = Permission.objects.filter(codename__in=permissions)
    assert found.count() == len(permissions)
    user.user_permissions.set(found)
    return user


def make_order(
    number: str = "261122-AAAAAA",
    *,
    name: str = "Hanako Minato",
    quantity: int = 2,
    sku: str = "MUG",
) -> Order:
    """Create an order of ``quantity`` units, which are held; ten units are in stock."""
    order = Order.objects.create(
        number=number,
        checkout_key=uuid.uuid4(),
        language="en",
        email="hanako@example.com",
        name=name,
        phone="03-1234-5678",
        postcode="105-0011",
        prefecture="tokyo",
        city="Minato",
        street="4-2-8 Shibakoen",
        delivery="door",
        currency="JPY",
        subtotal_minor=1800 * quantity,
        shipping_minor=600,
        total_minor=1800 * quantity + 600,
        tax=[{"rate": 10, "gross": 1800 * quantity + 600, "tax": 382}],
    )
    OrderLine.objects.create(
        order=order,
        sku=sku,
        name="Morning mug",
        unit_minor=1800,
        quantity=quantity,
        tax_rate=10,
        currency="JPY",
    )
    inventory.receive(sku, 10, f"opening {number}")
    inventory.reserve(number, {sku: quantity}, expires_at=None)
    return order


def make_payment(
    order: Order, *, status: Payment.Status = Payment.Status.CAPTURED
) -> Payment:
    taken = status == Payment.Status.CAPTURED
    now = timezone.now()
    payment = Payment.objects.create(
        order=order,
        amount_minor=order.total_minor,
        currency="JPY",
        status=status,
        intent_id=f"pi_{order.number}",
        card_brand="visa",
        card_last4="4242",
        captured_at=now if taken else None,
        captured_minor=order.total_minor if taken else 0,
    )
    PaymentAttempt.objects.create(
        payment=payment,
        number=1,
        token="ctoken",
        outcome=PaymentAttempt.Outcome.ACCEPTED,
    )
    return payment


def make_saga(order: Order, *, state: State, step: str, **fields: Any) -> Saga:
    """Create a saga in ``state`` at ``step``, with the attempts that lead there.

    At ``send_confirmation`` this is the branch of the mail; its main path waits for it
    or has ended.
    """
    if step != "send_confirmation":
        return _create_saga(order, state=state, step=step, **fields)
    main_path = _create_saga(
        order,
        state=State.DONE if state == State.DONE else State.JOINING,
        step="fulfil_order",
        finished_at=fields.get("finished_at"),
        waiting_for="" if state == State.DONE else BRANCHES_LAST,
    )
    make_attempt(main_path, 19, "fulfil_order", Attempt.Outcome.OK)
    aside: dict[str, Any] = {
        "parent": main_path,
        "parent_step": "capture_payment",
        "branch": "mail",
    }
    return _create_saga(order, state=state, step=step, **aside, **fields)


def _create_saga(
    order: Order, *, state: State, step: str, minutes: int = 12, **fields: Any
) -> Saga:
    then = timezone.now() - timedelta(minutes=minutes)
    stopped = state == State.FAILED
    past_pivot = STEPS.index(step) >= STEPS.index("capture_payment")
    values = {
        "definition": CHECKOUT_NAME,
        "version": 1,
        "reference": order.number,
        "state": state,
        "step": step,
        "attempt": 5 if stopped else 0,
        "fence": 20,
        "pivot_at": then if past_pivot else None,
        "failed_at": then if stopped else None,
        "alert_wanted_at": then if stopped else None,
        "error": ERROR if stopped else "",
        "error_class": "OperationalError" if stopped else "",
        "error_kind": "unexpected" if stopped else "",
    }
    saga = Saga.objects.create(**(values | fields))
    before = [] if saga.branch else STEPS[: STEPS.index(step)]
    for fence, done in enumerate(before, start=1):
        make_attempt(saga, fence, done, Attempt.Outcome.OK)
    if stopped:
        make_attempt(
            saga, 20, step, Attempt.Outcome.FAILED, error=ERROR, trace="Traceback: boom"
        )
    return saga


def make_attempt(
    saga: Saga, fence: int, step: str, outcome: Attempt.Outcome, **fields: Any
) -> Attempt:
    now = timezone.now()
    values = {
        "direction": Direction.DO,
        "number": 1,
        "started_at": now - timedelta(seconds=1),
        "ended_at": now,
        "worker": "host:1",
    }
    return Attempt.objects.create(
        saga=saga, fence=fence, step=step, outcome=outcome, **(values | fields)
    )


def make_stalled(
    number: str = "261122-AAAAAA",
    *,
    step: str = "fulfil_order",
    minutes: int = 12,
    **order: Any,
) -> Order:
    """Create an order that was paid and then stopped at ``step``."""
    made = make_order(number, **order)
    make_payment(made)
    make_saga(made, state=State.FAILED, step=step, minutes=minutes)
    return made


def stop_mail_too(order: Order) -> Saga:
    """Stop the mail's branch of a stalled order, too. Return the branch."""
    main_path = Saga.objects.main_paths().get(reference=order.number)
    return _create_saga(
        order,
        state=State.FAILED,
        step="send_confirmation",
        parent=main_path,
        parent_step="capture_payment",
        branch="mail",
    )


def make_done(number: str) -> Order:
    """Create a completed order, which must not show in the worklist."""
    order = make_order(number)
    make_payment(order)
    make_saga(
        order, state=State.DONE, step="send_confirmation", finished_at=timezone.now()
    )
    return order
