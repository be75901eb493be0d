"""Discounts: what they take off, when, and the coupon codes that ask for them."""

from datetime import datetime
from enum import Enum
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now as DatabaseNow
from django.utils.translation import gettext_lazy as _

from checkout.promotions.codes import LONGEST_CODE
from shop import database_clock
from shop.catalogue.models import Category, Product, in_language
from shop.database.money_column import MoneyColumn
from shop.database_clock import Now


class DiscountQuerySet(models.QuerySet["Discount"]):
    def live(self) -> Self:
        """Discounts that hold now, by the database's clock."""
        begun = self.filter(is_paused=False, starts_at__lte=Now())
        return begun.filter(Q(ends_at=None) | Q(ends_at__gt=Now()))

    def automatic(self) -> Self:
        """Discounts that need no code."""
        return self.filter(by_code=False)

    def with_scope(self) -> Self:
        """Fetch the products and categories, too."""
        return self.prefetch_related("products", "categories")


class Discount(models.Model):
    """A benefit and its conditions. With ``by_code`` only a coupon code gives it."""

    class Kind(models.TextChoices):
        PERCENTAGE = "percentage", _("percentage")
        AMOUNT = "amount", _("fixed amount")
        FREE_SHIPPING = "free_shipping", _("free shipping")

    class State(Enum):
        """Where a discount stands at a moment; it follows from the other fields."""

        PAUSED = "paused"
        UPCOMING = "upcoming"
        LIVE = "live"
        OVER = "over"

    name_en = models.CharField(
        _("name (English)"), max_length=60, help_text=_("Customers see it.")
    )
    name_ja = models.CharField(_("name (Japanese)"), max_length=60)
    by_code = models.BooleanField(
        _("needs a coupon code"),
        default=True,
        help_text=_("Without a code it is automatic: every cart gets it that fits."),
    )
    kind = models.CharField(
        _("kind"), max_length=13, choices=Kind, default=Kind.PERCENTAGE
    )
    percent = models.PositiveSmallIntegerField(
        _("percent off"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Of a percentage only."),
    )
    amount_minor = MoneyColumn(
        _("amount off"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Of a fixed amount only. Tax included."),
    )
    least_minor = MoneyColumn(
        _("minimum subtotal"),
        default=0,
        help_text=_("Of the items it is for, before discounts. 0: no minimum."),
    )
    products = models.ManyToManyField(
        Product,
        blank=True,
        related_name="+",
        verbose_name=_("products"),
        help_text=_("With no product and no category it is for all items."),
    )
    categories = models.ManyToManyField(
        Category, blank=True, related_name="+", verbose_name=_("categories")
    )
    most_per_customer = models.PositiveIntegerField(
        _("uses per customer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Customers are known by their email address. Empty: no limit."),
    )
    is_combinable = models.BooleanField(
        _("can be combined"),
        default=False,
        help_text=_("With the other discounts that can be. Otherwise it stands alone."),
    )
    starts_at = models.DateTimeField(_("starts at"), default=database_clock.read)
    ends_at = models.DateTimeField(
        _("ends at"), null=True, blank=True, help_text=_("Empty: no end.")
    )
    is_paused = models.BooleanField(_("paused"), default=False)
    created_at = models.DateTimeField(_("created at"), db_default=DatabaseNow())

    objects = DiscountQuerySet.as_manager()

    class Meta:
        verbose_name = _("discount")
        verbose_name_plural = _("discounts")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind="percentage", percent__range=(1, 100), amount_minor=None
                )
                | Q(kind="amount", amount_minor__gt=0, percent=None)
                | Q(kind="free_shipping", amount_minor=None, percent=None),
                name="discount_takes_what_its_kind_says",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="discount_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(most_per_customer=None) | Q(most_per_customer__gt=0),
                name="discount_most_per_customer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at"],
                condition=Q(by_code=False, is_paused=False),
                name="discount_automatic_idx",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self, "name")

    def state_at(self, now: datetime) -> State:
        """Return where it stands at ``now``, which is the database's time."""
        if self.is_paused:
            return self.State.PAUSED
        if now < self.starts_at:
            return self.State.UPCOMING
        is_over = self.ends_at is not None and self.ends_at <= now
        return self.State.OVER if is_over else self.State.LIVE


class CouponCode(models.Model):
    """A code that gives its discount, for at most ``most`` orders.

    ``used`` counts the orders that hold a use. Only guarded updates move it. ``key`` is
    what is compared: see ``checkout.promotions.codes``.
    """

    discount = models.ForeignKey(
        Discount, models.PROTECT, related_name="codes", verbose_name=_("discount")
    )
    code = models.CharField(_("code"), max_length=LONGEST_CODE)
    key = models.CharField(max_length=LONGEST_CODE, unique=True, editable=False)
    most = models.PositiveIntegerField(
        _("uses in all"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: no limit."),
    )
    used = models.PositiveIntegerField(
        _("used"), default=0, db_default=0, editable=False
    )
    is_paused = models.BooleanField(_("paused"), default=False)
    batch = models.CharField(
        _("made as"), max_length=60, blank=True, default="", editable=False
    )
    created_at = models.DateTimeField(_("created at"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("coupon code")
        verbose_name_plural = _("coupon codes")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(most=None) | Q(used__lte=F("most")),
                name="coupon_code_used_within_limit",
            ),
            models.CheckConstraint(
                condition=Q(used__gte=0), name="coupon_code_used_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_used_up(self) -> bool:
        return self.most is not None and self.used >= self.most
