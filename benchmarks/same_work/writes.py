"""What an order of the shop writes, as it is often written: read, change, save.

The peers of the saga call it, so that they do the same work on the same tables through
the same ORM: stock, hold, movement, payment, attempt, order, events, shipment, cart.
Nothing here is guarded, and twice is not once; do not use it. The caller opens the
transactions. ``tests/benchmarks/test_same_work.py`` compares the rows with the saga's.
"""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from checkout.cart.models import Cart
from checkout.mail import messages
from checkout.payments.gateway import Intent, get_gateway
from inventory.errors import OutOfStock
from inventory.models import Hold, Movement, StockItem
from orders.models import Order, OrderEvent, Payment, PaymentAttempt, Shipment


def reserve(number: str) -> None:
    """Set the goods of the order aside. Raises OutOfStock."""
    order = Order.objects.get(number=number)
    expires_at = timezone.now() + timedelta(minutes=settings.HOLD_MINUTES)
    for line in order.lines.all():
        item = StockItem.objects.select_for_update().get(sku=line.sku)
        if item.free < line.quantity:
            raise OutOfStock(line.sku, line.quantity, item.free)
        item.held += line.quantity
        item.save(update_fields=["held"])
        Hold.objects.create(
            item=item, reference=number, quantity=line.quantity, expires_at=expires_at
        )


def authorize(number: str) -> Intent:
    """Have the provider set the amount aside; nothing is written."""
    payment = Payment.objects.select_related("order").get(order__number=number)
    attempt = PaymentAttempt.objects.get(payment=payment)
    gateway = get_gateway()
    intent = gateway.create(
        str(payment.order.uid), payment.amount_minor, payment.currency, f"{number}-new"
    )
    return gateway.confirm(intent.id, attempt.token, "", f"{number}-confirm")


def record_authorized(number: str, intent: Intent) -> None:
    payment = Payment.objects.select_related("order").get(order__number=number)
    payment.status = Payment.Status.AUTHORIZED
    payment.intent_id = intent.id
    payment.charge_id = intent.charge_id
    payment.authorized_at = timezone.now()
    payment.capture_before = intent.capture_before
    payment.method = intent.method
    payment.card_brand = intent.card_brand
    payment.card_last4 = intent.card_last4
    payment.save(
        update_fields=[
            *("status", "intent_id", "charge_id", "authorized_at", "capture_before"),
            *("method", "card_brand", "card_last4"),
        ]
    )
    attempt = PaymentAttempt.objects.get(payment=payment)
    attempt.outcome = PaymentAttempt.Outcome.ACCEPTED
    attempt.token = ""
    attempt.save(update_fields=["outcome", "token"])
    for hold in Hold.objects.filter(reference=number):
        hold.expires_at = None
        hold.save(update_fields=["expires_at"])
    _record(payment.order, OrderEvent.Name.PAYMENT_AUTHORIZED)


def capture(number: str, intent_id: str) -> Intent:
    """Have the provider charge the amount; nothing is written."""
    return get_gateway().capture(intent_id, f"{number}-capture")


def record_captured(number: str, received: int) -> None:
    payment = Payment.objects.select_related("order").get(order__number=number)
    payment.status = Payment.Status.CAPTURED
    payment.captured_minor = received
    payment.captured_at = timezone.now()
    payment.save(update_fields=["status", "captured_minor", "captured_at"])
    _record(payment.order, OrderEvent.Name.PAYMENT_CAPTURED, amount=received)


def fulfil(number: str) -> None:
    """Book the goods out, confirm the order, request its shipment, close its cart."""
    order = Order.objects.get(number=number)
    for hold in Hold.objects.filter(reference=number).order_by("item__sku"):
        item = StockItem.objects.select_for_update().get(pk=hold.item_id)
        item.on_hand -= hold.quantity
        item.held -= hold.quantity
        item.save(update_fields=["on_hand", "held"])
        hold.state = Hold.State.SHIPPED
        hold.save(update_fields=["state"])
        Movement.objects.create(
            item=item,
            kind=Movement.Kind.SHIP_OUT,
            quantity=-hold.quantity,
            reference=number,
        )
    order.status = Order.Status.CONFIRMED
    order.confirmed_at = timezone.now()
    order.save(update_fields=["status", "confirmed_at"])
    Shipment.objects.create(order=order)
    _record(order, OrderEvent.Name.ORDER_CONFIRMED)
    _record(order, OrderEvent.Name.SHIPMENT_REQUESTED)
    cart = Cart.objects.get(checkout_key=order.checkout_key)
    cart.state = Cart.State.CLOSED
    cart.save(update_fields=["state"])


def send_mail(number: str) -> None:
    """Send the confirmation; nothing is written."""
    messages.send_confirmation(Order.objects.get(number=number))


def record_mail(number: str) -> None:
    order = Order.objects.get(number=number)
    _record(order, OrderEvent.Name.CONFIRMATION_SENT)


def _record(order: Order, name: OrderEvent.Name, **data: object) -> None:
    OrderEvent.objects.create(order=order, name=name, data=data)
