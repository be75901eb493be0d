"""What the warehouse was asked, what it reported, and what was not taken from it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from checkout.aftersales.warehouse.messages import Kind, items_from, parcel_from
from checkout.aftersales.warehouse.port import Item, ParcelReport, Standing, Status
from orders.numbers import is_exchange
from shop import database_clock

if TYPE_CHECKING:
    from orders.models import Order


class WarehouseOrderQuerySet(models.QuerySet["WarehouseOrder"]):
    def named(self, numbers: Iterable[str]) -> Self:
        """Those with these numbers: of orders, or of exchanges."""
        names = list(numbers)
        again = [number for number in names if is_exchange(number)]
        found = Q(shipment__order__number__in=names)
        return self.filter(found | Q(exchange__number__in=again) if again else found)

    def with_names(self) -> Self:
        """With what ``number`` and ``order`` read, in one query."""
        related = ("shipment__order__payment", "exchange__returned__order__payment")
        return self.select_related(*related)


class WarehouseOrder(models.Model):
    """A shipping order at the warehouse, as far as the shop knows it.

    It is of a shipment or of an exchange, and has its number.
    ``items`` is what was asked for by ``revision``. The other fields are what the
    warehouse said last: of two reports, or answers, the one with the higher
    ``sequence`` is newer. ``asked_at`` is when it was asked the last time.
    """

    class Standing(models.TextChoices):
        ASKED = "asked", _("not answered yet")
        RECEIVED = "received", _("received")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")
        IN_PROGRESS = "in_progress", _("being packed")
        SHORT = "short", _("items are missing")
        SHIPPED = "shipped", _("shipped")
        DELIVERED = "delivered", _("delivered")
        RETURNED = "returned", _("returned to sender")
        CANCELLED = "cancelled", _("cancelled")

    shipment = models.OneToOneField(
        "orders.Shipment",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="at_warehouse",
        verbose_name=_("shipment"),
    )
    exchange = models.OneToOneField(
        "orders.Exchange",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="at_warehouse",
        verbose_name=pgettext_lazy("goods", "exchange"),
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)
    items = models.JSONField(_("items"), default=list)
    standing = models.CharField(
        _("at the warehouse"), max_length=12, choices=Standing, default=Standing.ASKED
    )
    sequence = models.PositiveBigIntegerField(_("sequence"), default=0)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    short = models.JSONField(_("missing items"), default=list, blank=True)
    parcels = models.JSONField(_("parcels"), default=list, blank=True)
    asked_at = models.DateTimeField(_("asked at"), default=database_clock.Now)
    heard_at = models.DateTimeField(_("last heard at"), null=True, blank=True)

    objects = WarehouseOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order at the warehouse")
        verbose_name_plural = _("orders at the warehouse")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(revision__gt=0), name="warehouse_order_revision"
            ),
            models.CheckConstraint(
                condition=Q(shipment=None, exchange__isnull=False)
                | Q(shipment__isnull=False, exchange=None),
                name="warehouse_order_of_one_thing",
            ),
        ]
        indexes = [
            # The daily comparison reads what has not come to an end.
            models.Index(
                fields=["asked_at"],
                condition=~Q(standing__in=["delivered", "returned", "cancelled"]),
                name="warehouse_order_open_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.standing}"

    @property
    def order(self) -> "Order":
        """Return the order whose goods it has."""
        of = self.shipment or self.exchange
        if of is None:
            message = "the constraint warehouse_order_of_one_thing is missing"
            raise ValueError(message)
        return of.order

    @property
    def number(self) -> str:
        """Return its name at the warehouse: of the order, or of the exchange."""
        return self.exchange.number if self.exchange else self.order.number

    @property
    def asked_items(self) -> tuple[Item, ...]:
        return items_from(self.items)

    @property
    def parcel_reports(self) -> tuple[ParcelReport, ...]:
        return tuple(parcel_from(one) for one in self.parcels)

    def known(self, shipment: str) -> Status:
        """Return what the warehouse said last, as a status of that shipment."""
        asked = self.standing == WarehouseOrder.Standing.ASKED
        return Status(
            shipment=shipment,
            standing=Standing.RECEIVED if asked else Standing(self.standing),
            revision=self.revision,
            sequence=self.sequence,
            reason=self.reason,
            short=items_from(self.short),
            parcels=self.parcel_reports,
        )


class WarehouseReportQuerySet(models.QuerySet["WarehouseReport"]):
    def taken(self) -> Self:
        """Reports that were not refused."""
        return self.filter(refused="")

    def waiting(self) -> Self:
        """Taken reports that are not applied: an earlier one is missing."""
        return self.taken().filter(applied_at=None)


class WarehouseReport(models.Model):
    """A signed report of the warehouse, as received.

    ``applied_at`` stays empty while a report with an earlier sequence is missing. One
    that is ``refused`` changed nothing; ``detail`` says why, and ``body`` is what came.
    """

    class Refused(models.TextChoices):
        UNREADABLE = "unreadable", _("cannot be read")
        UNKNOWN_SHIPMENT = "unknown_shipment", _("of a shipment that was not requested")
        WRONG_ITEMS = "wrong_items", _("with items that were not requested")
        TOO_MANY_UNITS = "too_many_units", _("with more units than requested")
        UNKNOWN_RETURN = "unknown_return", _("of a return that is not awaited")
        SEQUENCE_TAKEN = "sequence_taken", _("with a sequence number used before")
        REUSED_ID = "reused_id", _("another message under the same id")

    message_id = models.CharField(_("message"), max_length=255, unique=True)
    at = models.ForeignKey(
        WarehouseOrder,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("order at the warehouse"),
    )
    kind = models.CharField(
        _("kind"),
        max_length=40,
        choices=[(kind.value, kind.value) for kind in Kind],
        blank=True,
    )
    sequence = models.PositiveBigIntegerField(_("sequence"), default=0)
    digest = models.CharField(_("digest of the body"), max_length=64)
    content = models.JSONField(_("content"), default=dict, blank=True)
    received_at = models.DateTimeField(_("received at"), db_default=Now())
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    refused = models.CharField(_("refused"), max_length=20, choices=Refused, blank=True)
    detail = models.CharField(_("why"), max_length=300, blank=True)
    body = models.TextField(_("body"), blank=True)

    objects = WarehouseReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report of the warehouse")
        verbose_name_plural = _("reports of the warehouse")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["at", "sequence"],
                # That a return arrived is no change of the shipment: it has none.
                condition=Q(refused="", sequence__gt=0),
                name="warehouse_report_sequence_once",
            ),
            models.CheckConstraint(
                condition=Q(refused="", at__isnull=False)
                | (~Q(refused="") & Q(applied_at=None)),
                name="warehouse_report_taken_or_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"


class WarehouseProblem(models.Model):
    """Messages to the shop's address that were not taken, counted by cause.

    The count starts again after an hour without another one.
    """

    class Cause(models.TextChoices):
        BAD_SIGNATURE = "bad_signature", _("not signed with our secret")
        STALE_TIMESTAMP = "stale_timestamp", _("signed too long ago by our clock")
        TOO_LARGE = "too_large", _("larger than 256 KB")
        UNREADABLE = "unreadable", _("cannot be read")
        UNKNOWN_SHIPMENT = "unknown_shipment", _("of a shipment that was not requested")
        WRONG_ITEMS = "wrong_items", _("with items that were not requested")
        TOO_MANY_UNITS = "too_many_units", _("with more units than requested")
        UNKNOWN_RETURN = "unknown_return", _("of a return that is not awaited")
        SEQUENCE_TAKEN = "sequence_taken", _("with a sequence number used before")
        REUSED_ID = "reused_id", _("another message under the same id")

    cause = models.CharField(_("cause"), max_length=20, choices=Cause, unique=True)
    detail = models.CharField(_("the last one"), max_length=300, blank=True)
    times = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("since"))
    last_at = models.DateTimeField(_("last"))
    alerted_at = models.DateTimeField(_("staff told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("warehouse report not taken")
        verbose_name_plural = _("warehouse reports not taken")
        ordering = ["-last_at"]

    def __str__(self) -> str:
        return f"{self.cause}: {self.times}"
