"""What is sent in exchange for units of a return: in parcels, or by pick-up."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from orders.models.order import Order


class ExchangeQuerySet(models.QuerySet["Exchange"]):
    def to_send(self) -> "ExchangeQuerySet":
        """Exchanges whose goods have left the stock and not the house."""
        return self.filter(status=Exchange.Status.REQUESTED)

    def standing(self) -> "ExchangeQuerySet":
        """Exchanges that are to be sent, or were."""
        return self.exclude(status=Exchange.Status.DROPPED)


class Exchange(models.Model):
    """The units of a return that are sent again, in one or more parcels or by pick-up.

    ``number`` names it on slips, labels and at the warehouse: the order's number and
    which exchange of that order it is. ``turn`` counts the exchanges of the return:
    the ledger names what each took. ``packer`` packs it since ``packing_since``. How
    many units of each line it has, and how many of these have left, is in the lines of
    the return. ``parcel_count`` counts the parcels that left.

    It is sent once the last unit has left. Before that, with parcels under way, it is
    partly sent.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", pgettext_lazy("exchange", "to be sent")
        SENT = "sent", pgettext_lazy("exchange", "sent")
        DROPPED = "dropped", pgettext_lazy("exchange", "dropped")

    returned = models.ForeignKey(
        "orders.Return",
        models.PROTECT,
        related_name="sent_again",
        verbose_name=pgettext_lazy("goods", "return"),
    )
    number = models.CharField(_("number"), max_length=20, unique=True)
    turn = models.PositiveSmallIntegerField(_("turn"), default=1)
    status = models.CharField(
        _("status"), max_length=9, choices=Status, default=Status.REQUESTED
    )
    requested_at = models.DateTimeField(_("requested at"), db_default=Now())
    requested_by = models.CharField(_("decided by"), max_length=150)
    packer = models.CharField(
        _("packed by"), max_length=150, blank=True, default="", db_default=""
    )
    packing_since = models.DateTimeField(_("being packed since"), null=True, blank=True)
    pickup_ready_at = models.DateTimeField(
        _("ready to be picked up since"), null=True, blank=True
    )
    parcel_count = models.PositiveSmallIntegerField(
        _("parcels dispatched"), default=0, db_default=0
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("goods", "exchange")
        verbose_name_plural = pgettext_lazy("goods", "exchanges")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["returned"],
                condition=~Q(status="dropped"),
                name="exchange_one_of_a_return",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False)
                | Q(status__in=["requested", "dropped"], sent_at=None),
                name="exchange_sent_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status="requested")
                | Q(status="sent", parcel_count__gt=0)
                | Q(status="dropped", parcel_count=0),
                name="exchange_parcels_fit_its_status",
            ),
            models.CheckConstraint(
                condition=Q(packer="", packing_since=None)
                | (Q(status="requested", packing_since__isnull=False) & ~Q(packer="")),
                name="exchange_packer_while_requested",
            ),
            models.CheckConstraint(
                condition=Q(pickup_ready_at=None) | Q(status="requested"),
                name="exchange_pickup_ready_while_requested",
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(status="requested"),
                name="exchange_to_send_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.status}"

    @property
    def order(self) -> "Order":
        return self.returned.order

    @property
    def is_partly_sent(self) -> bool:
        """Return whether a parcel has left and more is to come."""
        return self.parcel_count > 0 and self.status == self.Status.REQUESTED

    @property
    def state_text(self) -> str:
        """Return where it stands, as staff read it."""
        if self.pickup_ready_at:
            return str(_("ready to be picked up"))
        if self.is_partly_sent:
            return str(pgettext_lazy("exchange", "partly sent"))
        return self.get_status_display()
