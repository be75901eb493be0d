"""Reads of orders for pages and mails."""

from typing import Any

from django.db.models import F, Prefetch, QuerySet

from orders.models import (
    Exchange,
    Order,
    Parcel,
    PaymentPage,
    Refund,
    Return,
    Shipment,
    Shortage,
    Substitute,
    Voucher,
)
from orders.parcels import counted, due


def voucher_of(order: Order) -> Voucher | None:
    """Return the order's last voucher, even if it can no longer be paid."""
    return Voucher.objects.filter(attempt__payment__order=order).last()


def payment_page_of(order: Order) -> PaymentPage | None:
    """Return the provider's page on which the order is paid, if it has one."""
    return PaymentPage.objects.filter(payment__order=order).first()


def parcels_of(order: Order) -> list[Parcel]:
    """Return the parcels that left, with their lines, the first at the top."""
    rows = Parcel.objects.filter(shipment__order=order).order_by("number")
    return list(rows.prefetch_related("lines__line", "lines__substitute"))


def describe_parcels(order: Order) -> dict[str, Any]:
    """Return what a template reads of the parcels: those that left, and what follows.

    ``rest`` are units that still follow; it is empty if nothing has left.
    """
    parcels = parcels_of(order)
    return {"parcels": parcels, "rest": due(order) if parcels else []}


def unpaid_parcels() -> QuerySet[Shipment]:
    """Return the shipments that wait although nothing is left of their charge."""
    waiting = [Shipment.Status.REQUESTED, Shipment.Status.HELD_BACK]
    left = F("order__payment__refunded_minor") + F("order__payment__disputed_minor")
    return Shipment.objects.filter(
        status__in=waiting,
        order__payment__captured_minor__gt=0,
        order__payment__captured_minor__lte=left,
    )


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


def refunds_made(order: Order) -> list[Refund]:
    """Return the refunds whose money was returned, oldest first, with their lines."""
    rows = Refund.objects.filter(
        payment__order=order, status=Refund.Status.SUCCEEDED
    ).order_by("succeeded_at", "pk")
    return list(rows.prefetch_related("lines__line"))


def returns_of(order: Order) -> list[Return]:
    """Return the order's returns with their lines, newest first."""
    rows = Return.objects.filter(order=order).select_related("refund")
    parts = ("parcels__lines__line", "parcels__lines__substitute")
    again = Prefetch("sent_again", Exchange.objects.prefetch_related(*parts))
    return list(rows.prefetch_related("lines__line", "lines__substitute", again))
