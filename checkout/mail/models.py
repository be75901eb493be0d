"""Mails to customers, stored until they are sent."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from shop import database_clock


class MailKind(models.TextChoices):
    """What a mail is about. Its templates have the same name (orders/mail)."""

    # The saga sends the first one; rows of this kind are sent again by staff.
    CONFIRMATION = "confirmation", _("order confirmation")
    CANCELLED = "cancelled", _("order cancelled")
    CANCEL_DECLINED = "cancel_declined", _("request to cancel declined")
    CANCEL_REFUSED = "cancel_refused", _("request to cancel came too late")
    PAYMENT_NEEDED = "payment_needed", _("payment needs the customer")
    VOUCHER = "voucher", _("numbers to pay at a store")
    RECEIVED = "received", _("order received, charged at shipment")
    SHIPPED = "shipped", _("order shipped")
    PICKUP_READY = "pickup_ready", _("ready to be picked up")
    TRACKING = "tracking", _("tracking number corrected")
    REFUNDED = "refunded", _("refunded")
    PICKUP_REMINDER = "pickup_reminder", _("reminder: items wait to be picked up")
    RELEASE_MOVED = "release_moved", _("release date changed")
    RETURN_REQUESTED = "return_requested", _("return asked for")
    RETURN_APPROVED = "return_approved", _("return approved: what to do")
    RETURN_REFUSED = "return_refused", _("return refused")
    RETURN_RECEIVED = "return_received", _("returned parcel received")
    RETURN_EXCHANGED = "return_exchanged", _("exchange decided")
    RETURN_READY = "return_ready", _("exchange ready to be picked up")
    RETURN_SENT = "return_sent", _("exchange sent")
    RETURN_CLOSED = "return_closed", _("return closed")
    SHORTAGE = "shortage", _("items are missing: the customer is asked")
    SHORTAGE_DECIDED = "shortage_decided", _("items are missing: what was decided")


def mail_kinds() -> list[tuple[str, str]]:
    """Return the choices. A function, so that a new kind needs no migration."""
    return [(kind.value, str(kind.label)) for kind in MailKind]


class OrderMail(models.Model):
    """One mail to an order's customer, to be sent until the mail server takes it.

    The row is written in the transaction of the event it reports. ``key`` distinguishes
    mails of one kind, such as those of two refunds. ``due_at`` is the time of the next
    try; ``tries`` counts claims.
    """

    class State(models.TextChoices):
        WANTED = "wanted", _("to be sent")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("no longer needed")
        GIVEN_UP = "given_up", _("given up after days of trying")

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="mails", verbose_name=_("order")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=mail_kinds)
    key = models.CharField(_("key"), max_length=64, blank=True)
    data = models.JSONField(_("data"), default=dict, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.WANTED
    )
    created_at = models.DateTimeField(_("created at"), default=database_clock.Now)
    due_at = models.DateTimeField(_("next try at"))
    tries = models.PositiveIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("mail to a customer")
        verbose_name_plural = _("mails to customers")
        ordering = ["-id"]
        permissions = [("resend_ordermail", _("Can send a mail to a customer again"))]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind", "key"], name="order_mail_once"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(state__in=["wanted", "dropped", "given_up"], sent_at=None),
                name="order_mail_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="wanted"), name="order_mail_todo"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}".strip()
