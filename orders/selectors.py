"""Reads of orders for pages and mails."""

from typing import Any

from orders.models import Order, Refund, Shipment, Shortage, Substitute, Voucher
from orders.parcels import counted


def voucher_of(order: Order) -> Voucher | None:
    """Return the order's last voucher, even if it can no longer be paid."""
    return Voucher.objects.filter(attempt__payment__order=order).last()


def dispatched(order: Order) -> Shipment | None:
    """Return the order's shipment if it has been dispatched."""
    sent = Shipment.Status.DISPATCHED
    return Shipment.objects.filter(order=order, status=sent).first()


def refunds_of(order: Order) -> list[Refund]:
    """Return the refunds that the customer sees: those on their way or made."""
    shown = [Refund.Status.PENDING, Refund.Status.SUCCEEDED]
    rows = Refund.objects.filter(payment__order=order, status__in=shown)
    return list(rows.order_by("pk"))


def describe_refund(refund: Refund) -> dict[str, Any]:
    """Return what a template reads of a refund: its lines and its payment."""
    rows = refund.lines.select_related("line")
    return {"refund": refund, "refund_lines": list(rows), "payment": refund.payment}


def describe_shortage(shortage: Shortage) -> dict[str, Any]:
    """Return what a template reads of a shortage: missing lines and substitutes."""
    rows = shortage.lines.select_related("line", "substitute")
    sent = Substitute.objects.chosen().filter(place__shortage=shortage)
    return {
        "shortage": shortage,
        "missing": list(rows),
        "instead": ", ".join(counted(each) for each in sent),
    }


def describe_last_shortage(order: Order) -> dict[str, Any]:
    """Describe the order's newest shortage; return an empty dict if it has none."""
    shortage = order.shortages.first()
    return describe_shortage(shortage) if shortage else {}
