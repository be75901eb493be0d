"""The one shipment of an order: what is packed and sent, in one or more parcels."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shop import database_clock


def is_not_packed(to_shipment: str = "") -> Q:
    """Return the condition that nobody packs it, or that the claim has expired.

    ``to_shipment`` is the path from the queried model, such as ``"shipment__"``.
    """
    lasting = timedelta(minutes=settings.PACKING_CLAIM_MINUTES)
    since = database_clock.Now(-lasting)
    return Q((f"{to_shipment}packer", "")) | Q(
        (f"{to_shipment}packing_since__lt", since)
    )


class Shipment(models.Model):
    """``parcel_count`` counts the parcels that left; a guarded update moves it.

    ``packer`` is the member of staff who packs it now, since ``packing_since``; the
    claim expires after PACKING_CLAIM_MINUTES. What is picked up and lies ready has
    ``pickup_ready_at``, until it is handed over.

    It is dispatched once the last unit has left. Before that, with parcels under way,
    it is partly shipped.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        DISPATCHED = "dispatched", _("dispatched")
        HELD_BACK = "held_back", _("on hold, items are missing")
        CALLED_OFF = "called_off", _("called off")

    order = models.OneToOneField(
        "orders.Order",
        models.CASCADE,
        related_name="shipment",
        verbose_name=_("order"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.REQUESTED
    )
    requested_at = models.DateTimeField(_("requested at"), db_default=Now())
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)
    parcel_count = models.PositiveSmallIntegerField(
        _("parcels dispatched"), default=0, db_default=0
    )
    packer = models.CharField(
        _("packed by"), max_length=150, blank=True, default="", db_default=""
    )
    packing_since = models.DateTimeField(_("being packed since"), null=True, blank=True)
    pickup_ready_at = models.DateTimeField(
        _("ready to be picked up since"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=["requested", "held_back", "called_off"],
                    dispatched_at=None,
                )
                | Q(status="dispatched", dispatched_at__isnull=False),
                name="shipment_dispatched_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["requested", "held_back"])
                | Q(status="dispatched", parcel_count__gt=0)
                | Q(status="called_off", parcel_count=0),
                name="shipment_parcels_fit_its_status",
            ),
            models.CheckConstraint(
                condition=Q(packer="", packing_since=None)
                | (Q(status="requested", packing_since__isnull=False) & ~Q(packer="")),
                name="shipment_packer_while_requested",
            ),
            models.CheckConstraint(
                condition=Q(pickup_ready_at=None) | Q(status="requested"),
                name="shipment_pickup_ready_while_requested",
            ),
        ]
        indexes = [
            # The packing desk lists the oldest first.
            models.Index(
                fields=["requested_at"],
                condition=Q(status="requested"),
                name="shipment_to_pack_idx",
            ),
            models.Index(
                fields=["requested_at"],
                condition=Q(status="held_back"),
                name="shipment_held_back_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.status}"

    @property
    def is_partly_shipped(self) -> bool:
        """Return whether a parcel has left and more is to come."""
        return self.parcel_count > 0 and self.status != self.Status.DISPATCHED

    @property
    def state_text(self) -> str:
        """Return where it stands, as staff read it."""
        if self.pickup_ready_at:
            return str(_("ready to be picked up"))
        if self.is_partly_shipped and self.status == self.Status.REQUESTED:
            return str(_("partly shipped"))
        return self.get_status_display()
