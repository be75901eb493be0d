"""Compare one payment at Stripe with our books. Pure functions, no input or output.

The caller reads the books *before* the payment: if the order was at rest in our books,
the shop cannot have changed it at Stripe in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from checkout.payments.gateway import Intent, IntentStatus
from checkout.reconciliation.kinds import Finding, Kind
from checkout.status.names import WAIT_FOR_CARD, WAIT_FOR_CHALLENGE, WAIT_FOR_PAGE
from orders.models import Order, Payment
from saga.models import LIVE, Saga, State

# What moved so recently may still be under way: it is no mismatch yet.
GRACE = timedelta(minutes=5)
COMPLETE = (Order.Status.CONFIRMED, Order.Status.SHIPPED)
# Money is set aside, or will be as soon as the customer has answered.
_PAYABLE = (
    IntentStatus.CAPTURABLE,
    IntentStatus.PROCESSING,
    IntentStatus.NEEDS_CUSTOMER,
)


@dataclass(frozen=True)
class Entry:
    """One order in our books. Without a saga, nothing advances it."""

    payment: Payment
    saga: Saga | None

    @property
    def order(self) -> Order:
        return self.payment.order


@dataclass(frozen=True)
class Moment:
    """The time of the comparison, and how long a change counts as under way."""

    now: datetime
    grace: timedelta = GRACE

    def is_fresh(self, then: datetime | None) -> bool:
        return then is not None and then > self.now - self.grace


def compare(
    entry: Entry | None, intent: Intent | None, moment: Moment
) -> list[Finding]:
    """Return what disagrees. ``intent`` is None if Stripe has none for this order."""
    if entry is None:
        return _without_order(intent) if intent else []
    own = entry.payment.intent_id
    # The intent of a payment page is known once it was paid there.
    if intent is None or intent.id == own or (entry.payment.on_page and not own):
        return _own(entry, intent, moment)
    return _second(entry, intent)


def _without_order(intent: Intent) -> list[Finding]:
    if intent.status is IntentStatus.SUCCEEDED and _kept(intent):
        return [_finding(Kind.CHARGE_WITHOUT_ORDER, None, intent)]
    if intent.status is IntentStatus.CAPTURABLE:
        return [_finding(Kind.OPEN_WITHOUT_ORDER, None, intent)]
    return []


def _second(entry: Entry, intent: Intent) -> list[Finding]:
    """Compare an intent that names our order but is not the one we have recorded.

    An unconfirmed one is harmless: its creation was not answered, and another was made.
    """
    if intent.status is IntentStatus.SUCCEEDED and _kept(intent):
        taken = entry.payment.status == Payment.Status.CAPTURED
        kind = Kind.TWO_CHARGES if taken else Kind.CHARGED_ELSEWHERE
        return [_finding(kind, entry, intent)]
    if intent.status in _PAYABLE:
        return [_finding(Kind.SECOND_AUTHORISATION, entry, intent)]
    return []


def _own(entry: Entry, intent: Intent | None, moment: Moment) -> list[Finding]:
    saga = entry.saga
    moved: list[datetime | None] = [entry.order.placed_at, entry.order.cancelled_at]
    if saga:
        moved += [saga.finished_at, saga.failed_at]
    if any(moment.is_fresh(then) for then in moved):
        return []
    if saga and saga.state in LIVE:
        behind = intent is not None and _is_behind(saga, intent, moment)
        return [_finding(Kind.SAGA_BEHIND, entry, intent)] if behind else []
    return [_finding(kind, entry, intent) for kind in _at_rest(entry, intent)]


def _is_behind(saga: Saga, intent: Intent, moment: Moment) -> bool:
    """Return whether the saga waits for what happened at Stripe some time ago."""
    if saga.state != State.WAITING or moment.is_fresh(intent.moved_at):
        return False
    if intent.status is IntentStatus.CAPTURABLE:
        return saga.waiting_for in (WAIT_FOR_CARD, WAIT_FOR_CHALLENGE, WAIT_FOR_PAGE)
    return intent.status in (IntentStatus.SUCCEEDED, IntentStatus.CANCELED)


def _at_rest(entry: Entry, intent: Intent | None) -> Iterator[Kind]:
    """Compare an order that no code advances any more."""
    status = intent.status if intent else None
    if intent and status in (IntentStatus.SUCCEEDED, IntentStatus.CAPTURABLE):
        yield from _sums(entry.payment, intent)
    if intent and status is IntentStatus.SUCCEEDED:
        yield from _charged(entry, intent)
    else:
        yield from _not_charged(entry, status)


def _sums(payment: Payment, intent: Intent) -> Iterator[Kind]:
    charged = intent.status is IntentStatus.SUCCEEDED
    amount = intent.received if charged else intent.amount
    if intent.currency != payment.currency:
        yield Kind.CURRENCY_DIFFERS
    # A person may have accepted that another amount was charged; then it is recorded.
    if amount not in (payment.amount_minor, payment.captured_minor):
        yield Kind.AMOUNT_DIFFERS


def _charged(entry: Entry, intent: Intent) -> Iterator[Kind]:
    order, payment = entry.order, entry.payment
    cancelled = (order.status, payment.status)
    if Order.Status.CANCELLED in cancelled or Payment.Status.CANCELLED in cancelled:
        if _kept(intent) > payment.disputed_minor:
            yield Kind.CHARGED_BUT_CANCELLED
    elif order.status == Order.Status.PENDING and _is_stopped(entry):
        yield Kind.CHARGED_STOPPED
    elif payment.status != Payment.Status.CAPTURED:
        yield Kind.CHARGE_NOT_RECORDED
    elif order.status == Order.Status.PENDING:
        yield Kind.CHARGED_NOT_COMPLETED


def _not_charged(entry: Entry, status: IntentStatus | None) -> Iterator[Kind]:
    order, payment = entry.order, entry.payment
    if payment.status == Payment.Status.CAPTURED or order.status in COMPLETE:
        yield Kind.ORDER_WITHOUT_CHARGE
    elif payment.intent_id and status is None:
        yield Kind.PAYMENT_UNKNOWN_THERE
    elif order.status == Order.Status.CANCELLED:
        if status not in (None, IntentStatus.CANCELED):
            yield Kind.OPEN_FOR_CANCELLED
    elif entry.saga is None:
        yield Kind.ORDER_WITHOUT_SAGA
    elif not _is_stopped(entry):
        yield Kind.ORDER_LEFT_OPEN
    elif status is IntentStatus.CANCELED and payment.status != Payment.Status.CANCELLED:
        yield Kind.PAYMENT_BEHIND


def _is_stopped(entry: Entry) -> bool:
    """Return whether the order is stopped and staff were alerted."""
    return entry.saga is not None and entry.saga.state == State.FAILED


def _kept(intent: Intent) -> int:
    """Return what was charged and not given back, in minor units."""
    return intent.received - intent.refunded


def _finding(kind: Kind, entry: Entry | None, intent: Intent | None) -> Finding:
    facts: dict[str, object] = {}
    if intent:
        facts |= {
            "there": intent.status.value,
            "there_minor": intent.received or intent.amount,
            "there_currency": intent.currency,
        }
    if entry:
        facts |= {
            "order_status": entry.order.status,
            "payment_status": entry.payment.status,
            "saga_state": entry.saga.state if entry.saga else "",
            "here_minor": entry.payment.amount_minor,
            "here_currency": entry.payment.currency,
            "here_intent": entry.payment.intent_id or "",
        }
    number = entry.order.number if entry else ""
    intent_id = intent.id if intent else (entry and entry.payment.intent_id) or ""
    return Finding(kind, intent_id or number, number, intent_id, facts)
