"""The parcels of a shipment or an exchange: what is in each, and who carries it."""

import uuid
from typing import TYPE_CHECKING, cast

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now, Replace, Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.carrier import Carrier

if TYPE_CHECKING:
    from orders.models.exchange import Exchange
    from orders.models.line import OrderLine
    from orders.models.order import Order
    from orders.models.shortage import Substitute


# The carriers' tracking pages; the tracking number is appended.
_TRACKING = {
    Carrier.YAMATO: "https://member.kms.kuronekoyamato.co.jp/parcel/detail?pno=",
    Carrier.SAGAWA: "https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo=",
    Carrier.JAPAN_POST: "https://trackings.post.japanpost.jp/services/srv/search/direct"
    "?locale=ja&reqCodeNo1=",
}


def tracking_key(tracking_number: str) -> str:
    """Return the number as it is compared: without hyphens, in capitals."""
    return tracking_number.replace("-", "").upper()


def tracking_url(carrier: str, tracking_number: str) -> str:
    """Return the address of the carrier's tracking page, or "" if there is none."""
    base = _TRACKING.get(Carrier(carrier)) if carrier else None
    return f"{base}{tracking_number}" if base and tracking_number else ""


class Parcel(models.Model):
    """One parcel that left, or one pick-up. Only ``orders.transitions`` writes it.

    It belongs to the shipment of an order, or to an exchange: never to both. ``number``
    counts from 1 within it. ``uid`` comes from the form or the
    message, so that one that is sent twice is one parcel. ``tracking_key`` is the
    number without hyphens, by which a scanner or a search finds it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shipment = models.ForeignKey(
        "orders.Shipment",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="parcels",
        verbose_name=_("shipment"),
    )
    exchange = models.ForeignKey(
        "orders.Exchange",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="parcels",
        verbose_name=pgettext_lazy("goods", "exchange"),
    )
    number = models.PositiveSmallIntegerField(_("parcel number"))
    carrier = models.CharField(_("carrier"), max_length=10, choices=Carrier, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=40, blank=True)
    tracking_key = models.GeneratedField(
        expression=Upper(Replace(F("tracking_number"), Value("-"), Value(""))),
        output_field=models.CharField(max_length=40),
        db_persist=True,
        editable=False,
    )
    dispatched_at = models.DateTimeField(_("dispatched at"), db_default=Now())
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        ordering = ["shipment", "exchange", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "number"], name="parcel_number_once"
            ),
            models.UniqueConstraint(
                fields=["exchange", "number"], name="parcel_number_once_per_exchange"
            ),
            models.CheckConstraint(
                condition=Q(shipment__isnull=False, exchange=None)
                | Q(shipment=None, exchange__isnull=False),
                name="parcel_of_shipment_or_exchange",
            ),
            models.CheckConstraint(
                condition=Q(number__gt=0), name="parcel_number_positive"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tracking_key"],
                opclasses=["varchar_pattern_ops"],
                name="parcel_tracking_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id or self.exchange_id} parcel {self.number}"

    @property
    def order(self) -> "Order":
        """Return the order whose goods are in it."""
        if self.shipment:
            return self.shipment.order
        return cast("Exchange", self.exchange).order

    @property
    def label(self) -> str:
        """Return its number; of an exchange, which exchange it is as well."""
        of = f"{self.exchange.number}, " if self.exchange else ""
        return f"{of}{self.number}"

    @property
    def tracking_url(self) -> str:
        """Return the address of the carrier's tracking page, or "" if there is none."""
        return tracking_url(self.carrier, self.tracking_number)


class ParcelLine(models.Model):
    """Units of one line in a parcel: the goods bought, or their substitute.

    The sum over the parcels of a shipment is ``shipped`` in the row of the goods, which
    holds it within the quantity; over those of an exchange it is ``resent`` in the line
    of the return.
    """

    parcel = models.ForeignKey(
        Parcel, models.CASCADE, related_name="lines", verbose_name=_("parcel")
    )
    line = models.ForeignKey(
        "orders.OrderLine",
        models.PROTECT,
        related_name="parcel_lines",
        verbose_name=_("order line"),
    )
    substitute = models.ForeignKey(
        "orders.Substitute",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parcel_lines",
        verbose_name=_("substitute"),
    )
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("parcel line")
        verbose_name_plural = _("parcel lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["parcel", "line"],
                condition=Q(substitute=None),
                name="parcel_line_once_per_line",
            ),
            models.UniqueConstraint(
                fields=["parcel", "substitute"],
                name="parcel_line_once_per_substitute",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="parcel_line_quantity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parcel_id}: {self.quantity} x {self.line_id}"

    @property
    def goods(self) -> "OrderLine | Substitute":
        """Return what is in the parcel: the article of the line, or its substitute."""
        return self.substitute or self.line
