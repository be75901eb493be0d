"""The one shipment of an order, and its carrier."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Carrier(models.TextChoices):
    YAMATO = "yamato", _("Yamato Transport")
    SAGAWA = "sagawa", _("Sagawa Express")
    JAPAN_POST = "japan_post", _("Japan Post")
    OTHER = "other", _("another carrier")


# The carriers' tracking pages; the tracking number is appended.
_TRACKING = {
    Carrier.YAMATO: "https://member.kms.kuronekoyamato.co.jp/parcel/detail?pno=",
    Carrier.SAGAWA: "https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo=",
    Carrier.JAPAN_POST: "https://trackings.post.japanpost.jp/services/srv/search/direct"
    "?locale=ja&reqCodeNo1=",
}


class Shipment(models.Model):
    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        DISPATCHED = "dispatched", _("dispatched")
        HELD_BACK = "held_back", _("held back, goods are missing")
        CALLED_OFF = "called_off", _("called off, goods are missing")

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
    carrier = models.CharField(_("carrier"), max_length=10, choices=Carrier, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=40, blank=True)

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
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.status}"

    @property
    def tracking_url(self) -> str:
        """Return the address of the carrier's tracking page, or "" if there is none."""
        base = _TRACKING.get(Carrier(self.carrier)) if self.carrier else None
        return f"{base}{self.tracking_number}" if base and self.tracking_number else ""
