"""Shortages: goods of a paid order that are missing, and what was decided.

``orders.transitions.shortages`` is their only writer.
"""

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from orders.models.refund import Refund
from shop.database.money_column import MoneyColumn
from shop.money import Money

if TYPE_CHECKING:
    from orders.models.line import OrderLine
    from orders.models.order import Order


class ShortageQuerySet(models.QuerySet["Shortage"]):
    def unsettled(self) -> Self:
        """Shortages that hold back their order's parcel."""
        return self.filter(status__in=Shortage.UNSETTLED)

    def with_refunds(self) -> Self:
        """Annotate ``back``: the money refunded for it, in minor units."""
        rows = Refund.objects.not_failed().filter(shortage=OuterRef("pk"))
        total = rows.order_by().values("shortage").annotate(total=Sum("amount_minor"))
        return self.annotate(back=Coalesce(Subquery(total.values("total")), 0))

    def owing(self) -> Self:
        """Shortages for which staff still have to refund money."""
        return self.with_refunds().filter(refund_minor__gt=F("back"))

    def needing_staff(self) -> Self:
        """Shortages that are unsettled or still owe money."""
        open_ = Q(status__in=Shortage.UNSETTLED)
        return self.with_refunds().filter(open_ | Q(refund_minor__gt=F("back")))


class Shortage(models.Model):
    """Goods of one order that were missing at packing, and what was decided.

    ``uid`` comes from the form, so that a form sent twice is one shortage. ``moves``
    counts the changes; a decision made on an older state is refused.
    ``refund_minor`` is what the decision gives back; staff have to refund it.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("to be decided")
        WAITING = "waiting", _("waiting for the goods")
        CLOSED = "closed", _("settled")

    class Choice(models.TextChoices):
        WAIT = "wait", _("wait for the goods")
        PART = "part", _("ship the rest, refund what is missing")
        SUBSTITUTE = "substitute", _("send another article instead")
        CANCEL = "cancel", _("ship nothing, refund everything")

    UNSETTLED = ("open", "waiting")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(
        "orders.Order",
        models.PROTECT,
        related_name="shortages",
        verbose_name=_("order"),
    )
    status = models.CharField(
        _("status"), max_length=7, choices=Status, default=Status.OPEN
    )
    recorded_at = models.DateTimeField(_("found at"), db_default=Now())
    recorded_by = models.CharField(_("found by"), max_length=150)
    note = models.CharField(_("what was found"), max_length=300)
    expected_on = models.DateField(_("goods expected by"), null=True, blank=True)

    asked_at = models.DateTimeField(_("customer asked at"), null=True, blank=True)
    asked_by = models.CharField(_("asked by"), max_length=150, blank=True)

    choice = models.CharField(_("decision"), max_length=10, choices=Choice, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    by_customer = models.BooleanField(_("decided by customer"), default=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    refund_minor = MoneyColumn(_("to be refunded"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    moves = models.PositiveIntegerField(_("moves"), default=0)
    closed_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    objects = ShortageQuerySet.as_manager()

    class Meta:
        verbose_name = _("shortage")
        verbose_name_plural = _("shortages")
        ordering = ["-id"]
        permissions = [
            ("settle_shortage", _("Can report missing items and decide what follows")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=["open", "waiting"]),
                name="shortage_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status="open", choice="", closed_at=None)
                | Q(
                    status="waiting",
                    choice="wait",
                    expected_on__isnull=False,
                    closed_at=None,
                )
                | (Q(status="closed", closed_at__isnull=False) & ~Q(choice="")),
                name="shortage_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(recorded_by="") & ~Q(note=""),
                name="shortage_found_by_staff",
            ),
            # Every decision is made by a person, at a known time.
            models.CheckConstraint(
                condition=Q(choice="", decided_at=None, refund_minor=0)
                | (~Q(choice="") & ~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="shortage_decided_by_person",
            ),
        ]

    def __str__(self) -> str:
        return self.order.number

    @property
    def is_unsettled(self) -> bool:
        return self.status in self.UNSETTLED

    @property
    def refund(self) -> Money:
        """Return what the decision gives back."""
        return Money(self.refund_minor, self.currency)

    @property
    def owed(self) -> Money:
        """Return what staff still have to refund."""
        given = self.refunds.not_failed().aggregate(total=Sum("amount_minor"))["total"]
        return Money(max(0, self.refund_minor - (given or 0)), self.currency)


class ShortageLine(models.Model):
    """Missing units of one line: the goods bought, or their substitute."""

    shortage = models.ForeignKey(
        Shortage, models.CASCADE, related_name="lines", verbose_name=_("shortage")
    )
    line = models.ForeignKey(
        "orders.OrderLine",
        models.PROTECT,
        related_name="shortage_lines",
        verbose_name=_("order line"),
    )
    substitute = models.ForeignKey(
        "orders.Substitute",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="shortage_lines",
        verbose_name=_("substitute"),
    )
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("missing line")
        verbose_name_plural = _("missing lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shortage", "line"],
                condition=Q(substitute=None),
                name="shortage_line_once_per_line",
            ),
            models.UniqueConstraint(
                fields=["shortage", "substitute"],
                name="shortage_line_once_per_substitute",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="shortage_line_quantity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shortage_id}: {self.quantity} x {self.line_id}"

    @property
    def goods(self) -> "OrderLine | Substitute":
        """Return what is missing: the article of the line, or its substitute."""
        return self.substitute or self.line

    @property
    def paid_minor(self) -> int:
        """Return what the customer paid for one of them, rounded down."""
        if self.substitute:
            return self.substitute.paid_minor
        return self.line.unit_paid_minor


class SubstituteQuerySet(models.QuerySet["Substitute"]):
    def chosen(self) -> Self:
        """Substitutes that were decided for; the others were only offered."""
        return self.filter(place__shortage__choice=Shortage.Choice.SUBSTITUTE)

    def sent_for(self, order: "Order") -> Self:
        """Substitutes that are sent for an order, or were sent."""
        rows = self.chosen().filter(place__shortage__order=order)
        sent = rows.filter(restocked__lt=F("quantity") + F("came_back")).order_by("pk")
        return sent.select_related("place__line", "place__shortage")


class Substitute(models.Model):
    """Another article for missing units: offered first, sent once it is chosen.

    It is copied from the catalogue, as an order's lines are. ``paid_minor`` is what the
    customer pays for one: never more than for a missing one.
    """

    place = models.OneToOneField(
        ShortageLine,
        models.CASCADE,
        related_name="instead",
        verbose_name=_("in place of"),
    )
    sku = models.CharField(_("SKU"), max_length=64)
    name = models.CharField(_("name"), max_length=200)
    variant = models.CharField(_("variant"), max_length=100, blank=True)
    unit_minor = MoneyColumn(_("unit price"))
    paid_minor = MoneyColumn(_("paid for one"))
    quantity = models.PositiveIntegerField(_("quantity"))
    restocked = models.PositiveIntegerField(
        _("units back in stock"), default=0, db_default=0
    )
    shipped = models.PositiveIntegerField(_("units shipped"), default=0, db_default=0)
    came_back = models.PositiveIntegerField(
        _("units that came back"), default=0, db_default=0
    )
    returned = models.PositiveIntegerField(_("units returned"), default=0, db_default=0)

    objects = SubstituteQuerySet.as_manager()

    class Meta:
        verbose_name = _("substitute")
        verbose_name_plural = _("substitutes")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, restocked__lte=F("quantity")),
                name="substitute_restocked_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(shipped__lte=F("quantity")),
                name="substitute_shipped_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(
                    shipped__gte=F("returned") + F("came_back"),
                    restocked__gte=F("came_back"),
                    quantity__gte=F("returned") + F("restocked"),
                ),
                name="substitute_returned_within_shipped",
            ),
            models.CheckConstraint(
                condition=Q(paid_minor__lte=F("unit_minor")),
                name="substitute_never_dearer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"

    @property
    def left(self) -> int:
        """Return the units that are sent, or were sent, and did not come back."""
        return self.quantity - self.restocked

    @property
    def due(self) -> int:
        """Return the units that are still to be sent."""
        return max(0, self.to_send - self.shipped)

    @property
    def to_send(self) -> int:
        """Return the units that are sent, or were sent; what came back had left."""
        return self.left + self.came_back

    @property
    def returnable(self) -> int:
        """Return the units that left and neither came back nor are coming back."""
        out = self.shipped - self.came_back
        return max(0, min(out, self.left) - self.returned)
