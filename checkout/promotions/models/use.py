"""Uses of discounts, and purchases that a limit counts.

Each row belongs to an order, which ``reference`` names. It is written when the order is
placed, and given back when the order is cancelled. ``customer`` is the key of
``checkout.promotions.customers``: it contains no address.
"""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from checkout.promotions.customers import KEY_LENGTH
from checkout.promotions.models.discount import CouponCode, Discount
from shop import database_clock
from shop.catalogue.models import Product
from shop.database.money_column import MoneyColumn


class DiscountUseQuerySet(models.QuerySet["DiscountUse"]):
    def held(self) -> Self:
        """Uses that count: they were not given back."""
        return self.filter(given_back_at=None)


class DiscountUse(models.Model):
    """One discount that one order has. ``amount_minor`` includes shipping it saved."""

    reference = models.CharField(_("order"), max_length=64)
    discount = models.ForeignKey(
        Discount, models.PROTECT, related_name="uses", verbose_name=_("discount")
    )
    code = models.ForeignKey(
        CouponCode,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="uses",
        verbose_name=_("coupon code"),
    )
    customer = models.CharField(_("customer"), max_length=KEY_LENGTH)
    # The key of the customer's account; None: a guest.
    account = models.BigIntegerField(
        _("account"), null=True, blank=True, editable=False
    )
    amount_minor = MoneyColumn(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    taken_at = models.DateTimeField(_("used at"), db_default=Now())
    given_back_at = models.DateTimeField(_("given back at"), null=True, blank=True)

    objects = DiscountUseQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a discount")
        verbose_name_plural = _("uses of discounts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "discount"], name="discount_use_once_per_order"
            )
        ]
        indexes = [
            models.Index(
                fields=["discount", "customer"],
                condition=Q(given_back_at=None),
                name="discount_use_held_idx",
            ),
            models.Index(
                fields=["discount", "account"],
                condition=Q(given_back_at=None, account__isnull=False),
                name="discount_use_account_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.discount_id}"


class LimitedPurchaseQuerySet(models.QuerySet["LimitedPurchase"]):
    def held(self) -> Self:
        """Purchases that count: they were not given back."""
        return self.filter(given_back_at=None)


class LimitedPurchase(models.Model):
    """Units of a product with a limit that one order has."""

    reference = models.CharField(_("order"), max_length=64)
    product = models.ForeignKey(
        Product, models.CASCADE, related_name="+", verbose_name=_("product")
    )
    customer = models.CharField(_("customer"), max_length=KEY_LENGTH)
    # The key of the customer's account; None: a guest.
    account = models.BigIntegerField(
        _("account"), null=True, blank=True, editable=False
    )
    units = models.PositiveIntegerField(_("units"))
    # Compared with the database's time: not the time at which the transaction began.
    taken_at = models.DateTimeField(_("bought at"), default=database_clock.Now)
    given_back_at = models.DateTimeField(_("given back at"), null=True, blank=True)

    objects = LimitedPurchaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("limited purchase")
        verbose_name_plural = _("limited purchases")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "product"], name="limited_purchase_once_per_order"
            ),
            models.CheckConstraint(
                condition=Q(units__gt=0), name="limited_purchase_units"
            ),
        ]
        indexes = [
            models.Index(
                fields=["product", "customer"],
                condition=Q(given_back_at=None),
                name="limited_purchase_held_idx",
            ),
            models.Index(
                fields=["product", "account"],
                condition=Q(given_back_at=None, account__isnull=False),
                name="limited_purchase_account_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.units} x {self.product_id}"


class CustomerTurn(models.Model):
    """The row that orders of one customer lock before their limits are counted.

    ``subject`` is what has the limit: ``discount 5`` or ``product 7``. Two orders at
    once wait for each other here, so that the second one counts the first.
    """

    subject = models.CharField(max_length=40)
    customer = models.CharField(max_length=KEY_LENGTH)
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name = _("turn of a customer")
        verbose_name_plural = _("turns of customers")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "customer"], name="customer_turn_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.customer[:8]}"
