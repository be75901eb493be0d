"""The only writers of a status (held by tests/orders/test_status_writers.py).

Every move is a conditional UPDATE. It succeeds from the statuses listed as data,
returns False if it was made before, and raises IllegalMove otherwise. It writes its
event in the same transaction. The moves that every order makes have no savepoint of
their own (docs/adr/0008): inside another transaction, IllegalMove ends that as well.
"""

from orders.transitions.attempts import (
    challenge_attempt,
    close_attempt,
    decline_attempt,
    issue_voucher,
    open_attempt,
    show_page,
)
from orders.transitions.corrections import correct_recipient, correct_tracking
from orders.transitions.events import record_event
from orders.transitions.orders import cancel, confirm
from orders.transitions.payments import (
    authorize,
    cancel_payment,
    capture,
    record_intent,
)
from orders.transitions.pickups import make_ready
from orders.transitions.shipments import (
    call_off,
    deliver,
    finish,
    hold_back,
    release,
    send_on,
    ship,
    start_packing,
    stop_packing,
)

__all__ = [
    "authorize",
    "call_off",
    "cancel",
    "cancel_payment",
    "capture",
    "challenge_attempt",
    "close_attempt",
    "confirm",
    "correct_recipient",
    "correct_tracking",
    "decline_attempt",
    "deliver",
    "finish",
    "hold_back",
    "issue_voucher",
    "make_ready",
    "open_attempt",
    "record_event",
    "record_intent",
    "release",
    "send_on",
    "ship",
    "show_page",
    "start_packing",
    "stop_packing",
]
