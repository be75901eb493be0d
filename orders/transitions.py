"""The only writer of any status of an order, its payment and its shipment.

Every move is a conditional UPDATE: it succeeds from the statuses listed as data,
answers False when it was made before, and raises IllegalMove otherwise. Each writes
its event in the same transaction. Those that every order makes have no savepoint of
their own (docs/adr/0008): inside another transaction, IllegalMove ends that as well.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from orders.errors import IllegalMove
from orders.models import (
    Order,
    OrderEvent,
    Payment,
    PaymentAttempt,
    Shipment,
    Voucher,
)

_ORDER_MOVES = {
    Order.Status.CONFIRMED: [Order.Status.PENDING],
    Order.Status.SHIPPED: [Order.Status.CONFIRMED],
    Order.Status.CANCELLED: [Order.Status.PENDING],
}
_SHIPMENT_MOVES = {
    Shipment.Status.DISPATCHED: [Shipment.Status.REQUESTED],
    # Between these two it goes back and forth: goods are missing, and found.
    Shipment.Status.HELD_BACK: [Shipment.Status.REQUESTED],
    Shipment.Status.REQUESTED: [Shipment.Status.HELD_BACK],
    Shipment.Status.CALLED_OFF: [Shipment.Status.HELD_BACK],
}
_PAYMENT_MOVES = {
    Payment.Status.AUTHORIZED: [Payment.Status.PENDING],
    # Straight from pending, too: the charge of a payment whose authorisation we never
    # heard of is a charge all the same.
    Payment.Status.CAPTURED: [Payment.Status.PENDING, Payment.Status.AUTHORIZED],
    Payment.Status.CANCELLED: [Payment.Status.PENDING, Payment.Status.AUTHORIZED],
}


def record_event(
    order_id: int, name: OrderEvent.Name, key: str = "", **data: Any
) -> None:
    """Write an event once per order, name and key; later ones change nothing."""
    _record([OrderEvent(order_id=order_id, name=name, key=key, data=data)])


@transaction.atomic(savepoint=False)
def confirm(order: Order) -> bool:
    """Mark the order as ours to deliver and ask for its shipment, once."""
    moved = _move_order(order, Order.Status.CONFIRMED, confirmed_at=timezone.now())
    if moved:
        Shipment.objects.create(order=order)
        names = (OrderEvent.Name.ORDER_CONFIRMED, OrderEvent.Name.SHIPMENT_REQUESTED)
        _record([OrderEvent(order_id=order.pk, name=name) for name in names])
    return moved


@transaction.atomic
def cancel(order: Order, reason: Order.CancelReason) -> bool:
    """End an order that was not charged."""
    moved = _move_order(
        order,
        Order.Status.CANCELLED,
        cancelled_at=timezone.now(),
        cancel_reason=reason,
    )
    if moved:
        record_event(order.pk, OrderEvent.Name.ORDER_CANCELLED, reason=reason)
    return moved


def record_intent(payment: Payment, intent_id: str) -> None:
    """Remember the provider's intent before it is confirmed: one, for good."""
    rows = Payment.objects.filter(pk=payment.pk)
    if not rows.filter(intent_id=None).update(intent_id=intent_id):
        known = rows.values_list("intent_id", flat=True).get()
        if known != intent_id:
            raise IllegalMove(payment, f"intent {intent_id}")
    payment.intent_id = intent_id


@transaction.atomic(savepoint=False)
def authorize(
    payment: Payment,
    *,
    charge_id: str,
    brand: str,
    last4: str,
    capture_before: datetime | None,
    method: str = "card",
) -> bool:
    """Record that the bank set the amount aside; nothing is charged yet."""
    moved = _move_payment(
        payment,
        Payment.Status.AUTHORIZED,
        authorized_at=timezone.now(),
        charge_id=charge_id,
        card_brand=brand,
        card_last4=last4,
        capture_before=capture_before,
        method=method,
    )
    close_attempt(payment, PaymentAttempt.Outcome.ACCEPTED)
    if moved:
        record_event(payment.order_id, OrderEvent.Name.PAYMENT_AUTHORIZED)
    return moved


@transaction.atomic(savepoint=False)
def capture(payment: Payment, charged_minor: int, charge_id: str) -> bool:
    """Record the charge. The database refuses any amount but the order's."""
    moved = _move_payment(
        payment,
        Payment.Status.CAPTURED,
        captured_at=timezone.now(),
        captured_minor=charged_minor,
        charge_id=charge_id,
    )
    if moved:
        record_event(
            payment.order_id, OrderEvent.Name.PAYMENT_CAPTURED, amount=charged_minor
        )
    return moved


@transaction.atomic
def cancel_payment(payment: Payment) -> bool:
    """Record that the provider confirmed: nothing was charged and nothing will be."""
    moved = _move_payment(payment, Payment.Status.CANCELLED)
    close_attempt(payment, PaymentAttempt.Outcome.ABANDONED)
    if moved:
        record_event(payment.order_id, OrderEvent.Name.PAYMENT_CANCELLED)
    return moved


@transaction.atomic
def open_attempt(payment: Payment, token: str, client: str = "") -> PaymentAttempt:
    """Start another card. Raises IllegalMove while one is still under way.

    ``client`` is the internet address that sent it, where it is known.
    """
    last = payment.attempts.aggregate(last=models.Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            return PaymentAttempt.objects.create(
                payment=payment, number=last + 1, token=token, client=client
            )
    except IntegrityError as error:
        raise IllegalMove(payment, "another attempt") from error


@transaction.atomic
def decline_attempt(attempt: PaymentAttempt, code: str) -> bool:
    """Record the bank's no; ``code`` is the provider's decline code."""
    moved = PaymentAttempt.objects.filter(pk=attempt.pk, outcome__in=_UNDER_WAY).update(
        outcome=PaymentAttempt.Outcome.DECLINED, decline_code=code, token=""
    )
    if moved:
        record_event(
            attempt.payment.order_id,
            OrderEvent.Name.PAYMENT_DECLINED,
            key=str(attempt.number),
            code=code,
        )
    return bool(moved)


def challenge_attempt(attempt: PaymentAttempt) -> None:
    """Record that the bank wants to hear from the customer (3-D Secure)."""
    PaymentAttempt.objects.filter(
        pk=attempt.pk, outcome=PaymentAttempt.Outcome.OPEN
    ).update(outcome=PaymentAttempt.Outcome.CHALLENGE, token="")


@transaction.atomic
def issue_voucher(attempt: PaymentAttempt, voucher: Voucher) -> bool:
    """Record what the customer takes to the store: the first is kept."""
    open_ = PaymentAttempt.objects.filter(
        pk=attempt.pk, outcome=PaymentAttempt.Outcome.OPEN
    )
    if not open_.update(outcome=PaymentAttempt.Outcome.VOUCHER, token=""):
        return False
    voucher.attempt = attempt
    Voucher.objects.bulk_create([voucher])
    record_event(
        attempt.payment.order_id,
        OrderEvent.Name.VOUCHER_ISSUED,
        key=str(attempt.number),
        until=voucher.expires_at.isoformat(),
    )
    return True


@transaction.atomic
def release(order: Order, actor: str) -> bool:
    """Record that the goods are packed, so that the card may be charged, once."""
    rows = Order.objects.filter(pk=order.pk)
    now = timezone.now()
    if rows.filter(status=Order.Status.PENDING, ready_at=None).update(ready_at=now):
        _show(order, ready_at=now)
        record_event(order.pk, OrderEvent.Name.ORDER_RELEASED, actor=actor)
        return True
    if rows.filter(ready_at__isnull=False).exists():
        return False
    raise IllegalMove(order, "ready to be shipped")


@transaction.atomic
def ship(order: Order, *, carrier: str, tracking_number: str, actor: str) -> bool:
    """Record that the parcel has left the house, once: what is known stays."""
    moved = _move_shipment(
        order,
        Shipment.Status.DISPATCHED,
        dispatched_at=timezone.now(),
        carrier=carrier,
        tracking_number=tracking_number,
    )
    if moved:
        _move_order(order, Order.Status.SHIPPED)
        record_event(
            order.pk,
            OrderEvent.Name.SHIPMENT_DISPATCHED,
            carrier=carrier,
            tracking_number=tracking_number,
            actor=actor,
        )
    return moved


def hold_back(order: Order) -> bool:
    """Keep the parcel here: goods are missing. False: it was kept before."""
    return _move_shipment(order, Shipment.Status.HELD_BACK)


def send_on(order: Order) -> bool:
    """Let a parcel go that was held back."""
    return _move_shipment(order, Shipment.Status.REQUESTED)


def call_off(order: Order) -> bool:
    """Record that a parcel held back will never go."""
    return _move_shipment(order, Shipment.Status.CALLED_OFF)


def close_attempt(payment: Payment, outcome: PaymentAttempt.Outcome) -> None:
    """End the attempt that is under way, if one is; its token is not kept."""
    payment.attempts.filter(outcome__in=_UNDER_WAY).update(outcome=outcome, token="")


_UNDER_WAY = [
    PaymentAttempt.Outcome.OPEN,
    PaymentAttempt.Outcome.CHALLENGE,
    PaymentAttempt.Outcome.VOUCHER,
]


def _record(events: list[OrderEvent]) -> None:
    # One statement: looking first would cost three more, on every move of every order.
    OrderEvent.objects.bulk_create(events, ignore_conflicts=True)


def _move_order(order: Order, to: Order.Status, **fields: Any) -> bool:
    rows = Order.objects.filter(pk=order.pk)
    if rows.filter(status__in=_ORDER_MOVES[to]).update(status=to, **fields):
        _show(order, status=to, **fields)
        return True
    if rows.filter(status=to).exists():
        return False
    raise IllegalMove(order, to)


def _move_shipment(order: Order, to: Shipment.Status, **fields: Any) -> bool:
    rows = Shipment.objects.filter(order=order)
    if rows.filter(status__in=_SHIPMENT_MOVES[to]).update(status=to, **fields):
        return True
    if rows.filter(status=to).exists():
        return False
    raise IllegalMove(order, to)


def _move_payment(payment: Payment, to: Payment.Status, **fields: Any) -> bool:
    rows = Payment.objects.filter(pk=payment.pk)
    if rows.filter(status__in=_PAYMENT_MOVES[to]).update(status=to, **fields):
        _show(payment, status=to, **fields)
        return True
    if rows.filter(status=to).exists():
        return False
    raise IllegalMove(payment, to)


def _show(row: models.Model, **fields: Any) -> None:
    """Let the object in hand say what was written, without reading it again."""
    for name, value in fields.items():
        setattr(row, name, value)
