"""The history of an order."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shop.database.change_capture import CapturedRows


class OrderEvent(models.Model):
    """An event in the history of an order, named in the past tense. Never changed."""

    class Name(models.TextChoices):
        ORDER_PLACED = "order_placed", _("order placed")
        PAYMENT_AUTHORIZED = "payment_authorized", _("payment authorised")
        VOUCHER_ISSUED = "voucher_issued", _("voucher issued")
        PAYMENT_DECLINED = "payment_declined", _("payment declined")
        PAYMENT_CAPTURED = "payment_captured", _("payment charged")
        PAYMENT_CANCELLED = "payment_cancelled", _("payment cancelled")
        ORDER_RELEASED = "order_released", _("released for shipping")
        ORDER_CONFIRMED = "order_confirmed", _("order confirmed")
        SHIPMENT_REQUESTED = "shipment_requested", _("shipment requested")
        PARCEL_DISPATCHED = "parcel_dispatched", _("parcel dispatched")
        PARCEL_DELIVERED = "parcel_delivered", _("parcel delivered")
        SHIPMENT_DISPATCHED = "shipment_dispatched", _("shipment dispatched")
        PICKUP_READY = "pickup_ready", _("ready to be picked up")
        PICKED_UP = "picked_up", _("handed over to the customer")
        SHIPMENT_CALLED_OFF = "shipment_called_off", _("shipment called off")
        CONFIRMATION_SENT = "confirmation_sent", _("confirmation mail sent")
        ORDER_CANCELLED = "order_cancelled", _("order cancelled")
        CANCELLATION_REQUESTED = "cancellation_requested", _("cancellation asked for")
        CANCELLATION_ACCEPTED = "cancellation_accepted", _("cancellation accepted")
        CANCELLATION_DECLINED = "cancellation_declined", _("cancellation declined")
        CANCELLATION_REFUSED = "cancellation_refused", _("cancellation too late")
        REFUND_REQUESTED = "refund_requested", _("refund requested")
        REFUND_FOUND = "refund_found", _("refund made at Stripe")
        REFUND_SUCCEEDED = "refund_succeeded", _("refunded")
        REFUND_FAILED = "refund_failed", _("refund failed")
        GOODS_RETURNED = "goods_returned", _("goods put back into stock")
        RETURN_REQUESTED = "return_requested", _("return asked for")
        RETURN_APPROVED = "return_approved", _("return approved")
        RETURN_REFUSED = "return_refused", _("return refused")
        RETURN_WITHDRAWN = "return_withdrawn", _("return withdrawn")
        RETURN_RECEIVED = "return_received", _("returned parcel received")
        RETURN_CLOSED = "return_closed", _("return closed")
        EXCHANGE_DECIDED = "exchange_decided", _("exchange decided")
        EXCHANGE_DROPPED = "exchange_dropped", _("exchange dropped")
        EXCHANGE_PARCEL = "exchange_parcel", _("parcel of an exchange dispatched")
        EXCHANGE_SENT = "exchange_sent", _("exchange sent")
        GOODS_MISSING = "goods_missing", _("items found missing")
        CUSTOMER_ASKED = "customer_asked", _("customer asked about missing items")
        SHORTAGE_DECIDED = "shortage_decided", _("shortage decided")
        GOODS_ARRIVED = "goods_arrived", _("missing items arrived")
        PROMISE_DROPPED = "promise_dropped", _("promised refund dropped")
        RECIPIENT_CORRECTED = "recipient_corrected", _("recipient corrected")
        RELEASE_MOVED = "release_moved", _("release date changed")
        TRACKING_CORRECTED = "tracking_corrected", _("tracking number corrected")
        DISPUTE_OPENED = "dispute_opened", _("charge disputed")
        DISPUTE_CLOSED = "dispute_closed", _("dispute closed")

    order = models.ForeignKey(
        "orders.Order", models.CASCADE, related_name="events", verbose_name=_("order")
    )
    name = models.CharField(_("event"), max_length=40, choices=Name)
    key = models.CharField(_("key"), max_length=255, blank=True)
    data = models.JSONField(_("data"), default=dict, blank=True)
    created_at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("order event")
        verbose_name_plural = _("order events")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "name", "key"], name="order_event_once"
            ),
            CapturedRows(name="order_event_captured", source="order"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.name}"
