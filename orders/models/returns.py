"""Goods that come back: what a customer returns, who allowed it, what became of it."""

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.return_photo import ReturnPhoto

if TYPE_CHECKING:
    from orders.models.exchange import Exchange
    from orders.models.line import OrderLine
    from orders.models.shortage import Substitute


class ReturnQuerySet(models.QuerySet["Return"]):
    def open(self) -> "ReturnQuerySet":
        """Requests that staff have not decided yet."""
        return self.filter(status=Return.Status.REQUESTED)

    def arrived(self) -> "ReturnQuerySet":
        """Returns whose parcel arrived, and of which nobody has settled the money."""
        return self.filter(status=Return.Status.RECEIVED)

    def to_send(self) -> "ReturnQuerySet":
        """Returns whose goods are to be sent again."""
        return self.filter(status=Return.Status.EXCHANGE)


class Return(models.Model):
    """One return of goods of an order that was shipped.

    ``uid`` comes from the form, so that a form sent twice is one return. ``answer`` is
    what the customer reads: why it was refused, what to do, or how it ended.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", pgettext_lazy("return", "to be decided")
        APPROVED = "approved", pgettext_lazy("return", "approved, parcel awaited")
        REFUSED = "refused", pgettext_lazy("return", "refused")
        RECEIVED = "received", pgettext_lazy("return", "parcel received")
        EXCHANGE = "exchange", pgettext_lazy("return", "exchange to be sent")
        CLOSED = "closed", pgettext_lazy("return", "closed")
        CANCELLED = "cancelled", pgettext_lazy("return", "withdrawn")

    class Reason(models.TextChoices):
        DAMAGED = "damaged", pgettext_lazy("return", "It arrived damaged")
        WRONG = "wrong", pgettext_lazy("return", "It is not what I ordered")
        DIFFERENT = "different", pgettext_lazy("return", "It is not as described")
        UNWANTED = "unwanted", pgettext_lazy("return", "I do not want it any more")
        OTHER = "other", pgettext_lazy("return", "Another reason")

    # The goods are at the shop, or on their way to it.
    STANDING = ("requested", "approved", "received", "exchange", "closed")
    # The customer has still to send them, or they are on their way.
    AWAITED = ("requested", "approved")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(
        "orders.Order",
        models.PROTECT,
        related_name="returns",
        verbose_name=_("order"),
    )
    status = models.CharField(
        _("status"), max_length=9, choices=Status, default=Status.REQUESTED
    )
    by_customer = models.BooleanField(_("the customer asked"), default=False)
    requested_at = models.DateTimeField(_("asked at"), db_default=Now())
    reason = models.CharField(_("reason"), max_length=9, choices=Reason)
    comment = models.CharField(_("customer's comment"), max_length=500, blank=True)

    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    note = models.CharField(_("note of staff"), max_length=300, blank=True)
    answer = models.CharField(_("words to the customer"), max_length=500, blank=True)

    received_at = models.DateTimeField(_("received at"), null=True, blank=True)
    received_by = models.CharField(_("received by"), max_length=150, blank=True)
    closed_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    closed_by = models.CharField(_("settled by"), max_length=150, blank=True)
    refund = models.OneToOneField(
        "orders.Refund",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="returned",
        verbose_name=_("refund"),
    )

    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("goods", "return")
        verbose_name_plural = pgettext_lazy("goods", "returns")
        ordering = ["-id"]
        permissions = [
            ("handle_return", _("Can register, decide and receive returns")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="requested", decided_at=None, closed_at=None)
                | Q(status="approved", decided_at__isnull=False, closed_at=None)
                | Q(
                    status__in=["received", "exchange"],
                    decided_at__isnull=False,
                    closed_at=None,
                )
                | Q(
                    status__in=["refused", "closed"],
                    decided_at__isnull=False,
                    closed_at__isnull=False,
                )
                | Q(status="cancelled", closed_at__isnull=False),
                name="return_status_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["received", "exchange", "closed"],
                    received_at__isnull=False,
                )
                | (
                    ~Q(status__in=["received", "exchange", "closed"])
                    & Q(received_at=None, refund=None)
                ),
                name="return_arrived_before_money",
            ),
            # Each step is a person's; a customer who is refused reads why.
            models.CheckConstraint(
                condition=(Q(decided_at=None, decided_by="") | ~Q(decided_by=""))
                & (Q(received_at=None, received_by="") | ~Q(received_by=""))
                & (Q(closed_at=None, closed_by="") | ~Q(closed_by="")),
                name="return_steps_by_people",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(answer=""),
                name="return_refused_with_words",
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(status__in=["requested", "received", "exchange"]),
                name="return_work_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}, {self.get_status_display()}"

    @property
    def exchange(self) -> "Exchange | None":
        """Return the exchange that is to be sent, or was; None without one."""
        rows = self.sent_again.all()
        standing = [row for row in rows if row.status != row.Status.DROPPED]
        return standing[0] if standing else None

    @property
    def has_rest(self) -> bool:
        """Whether the shop kept units that are not sent again: their money is open."""
        return any(row.to_refund for row in self.lines.all())

    @property
    def has_photo(self) -> bool:
        """Whether the customer sent a photo that is kept still."""
        return ReturnPhoto.objects.filter(returned=self).exists()

    @property
    def is_our_fault(self) -> bool:
        """Whether the shop pays the postage, by the terms of the purchase."""
        return self.reason in ("damaged", "wrong", "different")

    @property
    def is_awaited(self) -> bool:
        """Whether its parcel has not arrived, and may still."""
        return self.status in self.AWAITED


class ReturnLine(models.Model):
    """Units of one line that come back: the goods bought, or their substitute.

    When the parcel arrived, each unit has one outcome: ``restocked`` (sold again),
    ``scrapped``, ``sent_back`` to the customer; the others were not in the parcel. Of
    the units that the shop keeps, ``exchanged`` are sent again, and ``resent`` of these
    have left in parcels; the price of the others may be refunded.
    """

    returned = models.ForeignKey(
        Return,
        models.CASCADE,
        related_name="lines",
        verbose_name=pgettext_lazy("goods", "return"),
    )
    line = models.ForeignKey(
        "orders.OrderLine",
        models.PROTECT,
        related_name="return_lines",
        verbose_name=_("order line"),
    )
    substitute = models.ForeignKey(
        "orders.Substitute",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="return_lines",
        verbose_name=_("substitute"),
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    restocked = models.PositiveIntegerField(
        _("put back into stock"), default=0, db_default=0
    )
    scrapped = models.PositiveIntegerField(_("scrapped"), default=0, db_default=0)
    sent_back = models.PositiveIntegerField(
        _("sent back to the customer"), default=0, db_default=0
    )
    exchanged = models.PositiveIntegerField(_("sent again"), default=0, db_default=0)
    resent = models.PositiveIntegerField(_("left again"), default=0, db_default=0)

    class Meta:
        verbose_name = _("returned line")
        verbose_name_plural = _("returned lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["returned", "line"],
                condition=Q(substitute=None),
                name="return_line_once_per_line",
            ),
            models.UniqueConstraint(
                fields=["returned", "substitute"],
                name="return_line_once_per_substitute",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="return_line_quantity"
            ),
            models.CheckConstraint(
                condition=Q(
                    quantity__gte=F("restocked") + F("scrapped") + F("sent_back")
                ),
                name="return_line_outcomes_within_quantity",
            ),
            # A unit is sent again, or its price is refunded; never both.
            models.CheckConstraint(
                condition=Q(exchanged__lte=F("restocked") + F("scrapped")),
                name="return_line_exchanged_of_the_kept",
            ),
            models.CheckConstraint(
                condition=Q(resent__lte=F("exchanged")),
                name="return_line_resent_within_exchanged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.returned_id}: {self.quantity} x {self.line_id}"

    @property
    def goods(self) -> "OrderLine | Substitute":
        """Return what comes back: the article of the line, or its substitute."""
        return self.substitute or self.line

    @property
    def kept(self) -> int:
        """Return the units that stay with the shop."""
        return self.restocked + self.scrapped

    @property
    def to_refund(self) -> int:
        """Return the units whose price may be refunded: kept, and not sent again."""
        return self.kept - self.exchanged

    @property
    def due_again(self) -> int:
        """Return the units that are still to be sent again."""
        return self.exchanged - self.resent

    @property
    def sent_units(self) -> tuple[int, int]:
        """Return how many of the units sent again were restocked, and were scrapped.

        Units that were put back into stock come first.
        """
        restocked = min(self.exchanged, self.restocked)
        return restocked, self.exchanged - restocked

    @property
    def absent(self) -> int:
        """Return the units that were not in the parcel; all, before it arrived."""
        return self.quantity - self.kept - self.sent_back

    @property
    def paid_minor(self) -> int:
        """Return what the customer paid for one of them, rounded down."""
        if self.substitute:
            return self.substitute.paid_minor
        return self.line.unit_paid_minor
