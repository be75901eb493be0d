"""All that is stored about an order, to compare before and after."""

from typing import Any

from django.db.models import Q

from orders.models import (
    Cancellation,
    Dispute,
    Exchange,
    Order,
    OrderChange,
    OrderLine,
    Parcel,
    ParcelLine,
    PaymentAttempt,
    PaymentPage,
    Refund,
    RefundLine,
    Return,
    ReturnLine,
    Shipment,
    Shortage,
    ShortageLine,
    Substitute,
    Voucher,
)


def snapshot(order: Order) -> dict[str, Any]:
    """Return all that is stored about an order."""
    one = Order.objects.filter(pk=order.pk)
    payments = order.payment.__class__.objects.filter(order=order)
    return {
        "order": list(one.values()),
        "changes": list(OrderChange.objects.filter(order=order).values()),
        "cancellations": list(Cancellation.objects.filter(order=order).values()),
        "lines": list(OrderLine.objects.filter(order=order).values()),
        "payment": list(payments.values()),
        "attempts": list(PaymentAttempt.objects.filter(payment__order=order).values()),
        "vouchers": list(
            Voucher.objects.filter(attempt__payment__order=order).values()
        ),
        "pages": list(PaymentPage.objects.filter(payment__order=order).values()),
        "parcels": list(
            Parcel.objects.filter(
                Q(shipment__order=order) | Q(exchange__returned__order=order)
            ).values()
        ),
        "shipment": list(Shipment.objects.filter(order=order).values()),
        "packed": list(ParcelLine.objects.filter(line__order=order).values()),
        "refunds": list(Refund.objects.filter(payment__order=order).values()),
        "refunded": list(RefundLine.objects.filter(line__order=order).values()),
        "returns": list(Return.objects.filter(order=order).values()),
        "returned": list(ReturnLine.objects.filter(returned__order=order).values()),
        "exchanges": list(Exchange.objects.filter(returned__order=order).values()),
        "shortages": list(Shortage.objects.filter(order=order).values()),
        "missing": list(ShortageLine.objects.filter(line__order=order).values()),
        "substitutes": list(
            Substitute.objects.filter(place__line__order=order).values()
        ),
        "disputes": list(Dispute.objects.filter(dispute_id=f"du_{order.pk}").values()),
        "events": list(order.events.values()),
    }
