"""Stock items, holds and the ledger of movements.

``on_hand`` counts all units that are there, held and announced ones included, so
``free = on_hand - held``. Announced units (``awaited``) can be ordered before they
come; what is received takes their places (docs/adr/0074).

Rows of the ledger are never changed: the sum of a SKU's movements is its ``on_hand``.
What is on hand plus what was shipped and did not come back is what was ever received
or announced.
"""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shop.database.change_capture import CapturedRows


class StockItem(models.Model):
    """The counters of one SKU. Only guarded updates in the services move them."""

    sku = models.CharField(_("SKU"), max_length=64, unique=True)
    on_hand = models.PositiveIntegerField(_("on hand"), default=0)
    held = models.PositiveIntegerField(_("held"), default=0)
    awaited = models.PositiveIntegerField(
        _("announced for pre-orders"),
        default=0,
        db_default=0,
        help_text=_("Of those on hand or sold, how many have not come yet."),
    )
    low_at = models.PositiveIntegerField(
        _("low-stock threshold"),
        default=5,
        help_text=_("Listed as low when no more than this many units are free."),
    )

    shelf = models.CharField(
        _("shelf"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text=_("Where it is kept, such as A-02-3. The pick list follows it."),
    )

    class Meta:
        verbose_name = _("stock item")
        verbose_name_plural = _("stock items")
        ordering = ["sku"]
        constraints = [
            models.CheckConstraint(
                condition=Q(on_hand__gte=F("held")), name="stock_held_within_on_hand"
            ),
            models.CheckConstraint(
                condition=Q(held__gte=0), name="stock_held_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(awaited__gte=0), name="stock_awaited_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def free(self) -> int:
        """Units that can still be promised."""
        return self.on_hand - self.held


class HoldQuerySet(models.QuerySet["Hold"]):
    def active(self) -> "HoldQuerySet":
        return self.filter(state=Hold.State.ACTIVE)

    def parked(self) -> "HoldQuerySet":
        """Active holds whose customers are asked for something, and have not paid."""
        return self.active().filter(is_parked=True, expires_at__isnull=False)

    def releasable(self) -> "HoldQuerySet":
        """Active holds for which no money is being taken: they are not pinned."""
        return self.active().filter(expires_at__isnull=False)

    def overdue(self, now: datetime) -> "HoldQuerySet":
        """Active holds that have expired by ``now``; pinned ones never do."""
        return self.active().filter(expires_at__lte=now)


class Hold(models.Model):
    """Units of one SKU promised to a reference (for the shop: an order's number).

    There is one row for a reference and SKU, for good: a repeated call finds it and
    changes nothing.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        RELEASED = "released", _("released")
        EXPIRED = "expired", _("expired")
        SHIPPED = "shipped", _("shipped out")

    item = models.ForeignKey(
        StockItem, models.PROTECT, related_name="holds", verbose_name=_("stock item")
    )
    reference = models.CharField(_("reference"), max_length=64)
    quantity = models.PositiveIntegerField(_("quantity"))
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.ACTIVE
    )
    expires_at = models.DateTimeField(
        _("expires at"),
        null=True,
        blank=True,
        help_text=_("Empty: pinned, because the money may already be taken."),
    )
    is_parked = models.BooleanField(
        _("waits for the customer"),
        default=False,
        db_default=False,
        help_text=_("Nothing is paid yet: another card or an answer is awaited."),
    )
    origin = models.CharField(
        _("IP address"),
        max_length=50,
        blank=True,
        default="",
        db_default="",
        help_text=_("Who waits, for the limit of one address. Kept for some days."),
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["-created_at"]
        permissions = [
            ("free_hold", _("Can free goods that are held for unpaid orders"))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "item"], name="hold_once_per_sku"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="hold_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "released", "expired", "shipped"]),
                name="hold_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state="active"),
                name="hold_expiry_idx",
            ),
            models.Index(
                fields=["item"],
                condition=Q(state="active", is_parked=True),
                name="hold_parked_idx",
            ),
            models.Index(
                fields=["created_at"], condition=~Q(origin=""), name="hold_origin_idx"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.quantity} x {self.item_id}"


class Movement(models.Model):
    """One line of the ledger: units that came in (positive) or went out (negative)."""

    class Kind(models.TextChoices):
        RECEIVE = "receive", _("received")
        SHIP_OUT = "ship_out", _("shipped out")
        ADJUST = "adjust", _("adjusted")
        RETURN = "return", _("came back")
        SCRAP = "scrap", _("scrapped")
        PREORDER = "preorder", _("announced for pre-orders")

    item = models.ForeignKey(
        StockItem,
        models.PROTECT,
        related_name="movements",
        verbose_name=_("stock item"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    quantity = models.IntegerField(_("quantity"))
    reference = models.CharField(_("reference"), max_length=64)
    note = models.CharField(_("note"), max_length=200, blank=True)
    actor = models.CharField(_("by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "reference", "item"], name="movement_once_per_reference"
            ),
            models.CheckConstraint(
                condition=~Q(quantity=0), name="movement_moves_something"
            ),
            CapturedRows(name="movement_captured", source="stock"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.quantity:+d} ({self.reference})"
