"""Reading orders: what customers are shown of them."""

from orders.models import Order, Refund, Shipment, Voucher


def voucher_of(order: Order) -> Voucher | None:
    """Return the order's voucher, whether it can still be paid or not."""
    return Voucher.objects.filter(attempt__payment__order=order).last()


def dispatched(order: Order) -> Shipment | None:
    """Return the order's parcel, once it has left the house."""
    sent = Shipment.Status.DISPATCHED
    return Shipment.objects.filter(order=order, status=sent).first()


def refunds_of(order: Order) -> list[Refund]:
    """Return the refunds that the customer is told of: made, or on their way."""
    told = [Refund.Status.PENDING, Refund.Status.SUCCEEDED]
    rows = Refund.objects.filter(payment__order=order, status__in=told)
    return list(rows.order_by("pk"))
