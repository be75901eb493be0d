"""The lines of an order, copied when it is placed, and the counts of their units."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop.database.money_column import MoneyColumn
from shop.money import Money


class OrderLine(models.Model):
    order = models.ForeignKey(
        "orders.Order", models.CASCADE, related_name="lines", verbose_name=_("order")
    )
    sku = models.CharField(_("SKU"), max_length=64)
    name = models.CharField(_("name"), max_length=200)
    variant = models.CharField(_("variant"), max_length=100, blank=True)
    picture = models.CharField(_("picture"), max_length=300, blank=True)
    unit_minor = MoneyColumn(_("unit price"))
    quantity = models.PositiveIntegerField(_("quantity"))
    discount_minor = MoneyColumn(
        _("discount"), default=0, db_default=0, help_text=_("Off all units together.")
    )
    tax_rate = models.PositiveSmallIntegerField(_("tax rate in percent"))
    currency = models.CharField(_("currency"), max_length=3)
    # Of a pre-order, as it was promised last.
    release_on = models.DateField(_("release date"), null=True, blank=True)
    refunded = models.PositiveIntegerField(_("units refunded"), default=0, db_default=0)
    restocked = models.PositiveIntegerField(
        _("units back in stock"), default=0, db_default=0
    )
    shipped = models.PositiveIntegerField(_("units shipped"), default=0, db_default=0)
    # Of the restocked: those that had left and came back in a return.
    came_back = models.PositiveIntegerField(
        _("units that came back"), default=0, db_default=0
    )
    # In returns that stand, and not back in stock: awaited, arrived or scrapped.
    returned = models.PositiveIntegerField(_("units returned"), default=0, db_default=0)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["release_on"],
                condition=Q(release_on__isnull=False),
                name="order_line_release_idx",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "sku"], name="order_line_once_per_sku"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="order_line_quantity"
            ),
            models.CheckConstraint(
                condition=Q(
                    discount_minor__lte=models.F("unit_minor") * models.F("quantity")
                ),
                name="order_line_discount_within_price",
            ),
            models.CheckConstraint(
                condition=Q(
                    refunded__lte=models.F("quantity"),
                    restocked__lte=models.F("quantity"),
                ),
                name="order_line_refunded_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(shipped__lte=models.F("quantity")),
                name="order_line_shipped_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(
                    shipped__gte=models.F("returned") + models.F("came_back"),
                    restocked__gte=models.F("came_back"),
                    quantity__gte=models.F("returned") + models.F("restocked"),
                ),
                name="order_line_returned_within_shipped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"

    @property
    def due(self) -> int:
        """Return the units that are still to be sent."""
        return max(0, self.to_send - self.shipped)

    @property
    def to_send(self) -> int:
        """Return the units that are sent, or were sent; what came back had left."""
        return self.quantity - self.restocked + self.came_back

    @property
    def restockable(self) -> int:
        """Return the units that a refund may put back: no return has them."""
        return self.quantity - self.restocked - self.returned

    @property
    def returnable(self) -> int:
        """Return the units that left and neither came back nor are coming back."""
        out = self.shipped - self.came_back - self.returned
        return max(0, min(out, self.restockable))

    @property
    def unit(self) -> Money:
        return Money(self.unit_minor, self.currency)

    @property
    def total(self) -> Money:
        """Return the price of all units, before discounts."""
        return Money(self.unit_minor * self.quantity, self.currency)

    @property
    def discount(self) -> Money:
        return Money(self.discount_minor, self.currency)

    @property
    def unit_paid_minor(self) -> int:
        """Return what was paid for one unit, rounded down."""
        return self.paid_minor // self.quantity

    @property
    def paid_minor(self) -> int:
        """Return what was paid for all units: their price less the discount."""
        return self.unit_minor * self.quantity - self.discount_minor

    def paid_for(self, units: int, after: int = 0) -> int:
        """Return what was paid for ``units``, in minor units.

        A discount is not always divisible by the units. ``after`` is how many were
        reckoned before these, so that all of them add up to ``paid_minor``.
        """
        whole = self.paid_minor
        return whole * (after + units) // self.quantity - whole * after // self.quantity
