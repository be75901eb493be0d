"""Orders.

What a receipt shows is copied here when the order is placed, so that no later change
of a product, a price or an address alters an order.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from orders.models.carrier import Carrier
from orders.models.search_keys import NumberTail, PhoneTail, SecondName
from orders.models.wishes import Gift, Wishes
from shop import database_clock
from shop.countries import JAPAN, LONGEST_POSTCODE, LONGEST_REGION
from shop.database.money_column import MoneyColumn
from shop.money import Money


@dataclass(frozen=True)
class GivenDiscount:
    """A discount that an order has. ``code``: the coupon code, "" if it needed none.

    ``amount`` is off the items' prices, ``shipping`` is what the delivery would have
    cost.
    """

    name: str
    code: str
    amount: Money
    shipping: Money


class Order(Wishes):
    class Status(models.TextChoices):
        PENDING = "pending", _("being processed")
        CONFIRMED = "confirmed", _("confirmed")
        SHIPPED = "shipped", _("shipped")
        CANCELLED = "cancelled", _("cancelled")

    class CancelReason(models.TextChoices):
        OUT_OF_STOCK = (
            "out_of_stock",
            _("an item sold out before it could be set aside"),
        )
        NOT_PAID = "not_paid", _("the payment was not completed")
        TECHNICAL = "technical", _("a technical fault before the payment")
        STAFF = "staff", _("cancelled by staff")
        CARDS_REFUSED = "cards_refused", _("none of the cards was accepted")
        UNPAID_LIMIT = (
            "unpaid_limit",
            _("too many unpaid goods were set aside already"),
        )
        AMOUNT_REFUSED = (
            "amount_refused",
            _("the payment provider does not take this amount"),
        )
        LAPSED = "lapsed", _("the bank's approval lapsed before the dispatch")
        REFUNDED = "refunded", _("the charge was refunded before the dispatch")
        CUSTOMER = "customer", _("the customer cancelled it")
        MISSING = "missing", _("items were missing at packing")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=20, unique=True)
    checkout_key = models.UUIDField(
        _("checkout key"),
        unique=True,
        editable=False,
        help_text=_("One confirmation yields one order, however often it is sent."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.PENDING
    )
    cancel_reason = models.CharField(
        _("reason for cancelling"), max_length=20, choices=CancelReason, blank=True
    )
    language = models.CharField(_("language"), max_length=5)

    # The account that it belongs to; None: a guest's, or the account was deleted.
    customer_id = models.BigIntegerField(
        _("customer"), null=True, blank=True, editable=False
    )
    email = models.EmailField(_("email"))
    name = models.CharField(_("name"), max_length=100)
    phone = models.CharField(_("phone"), max_length=20)
    country = models.CharField(
        _("country"), max_length=2, default=JAPAN, db_default=JAPAN
    )
    postcode = models.CharField(_("postcode"), max_length=LONGEST_POSTCODE)
    # Empty abroad, where there is a region, if the country has regions.
    prefecture = models.CharField(_("prefecture"), max_length=20, blank=True)
    region = models.CharField(
        _("state or region"),
        max_length=LONGEST_REGION,
        blank=True,
        default="",
        db_default="",
    )
    city = models.CharField(_("city or ward"), max_length=100)
    street = models.CharField(_("street and number"), max_length=150)
    building = models.CharField(_("building and room"), max_length=150, blank=True)
    delivery = models.CharField(_("delivery"), max_length=20)
    # In the order's language. Empty: from before there was a choice.
    shipping_method = models.CharField(
        _("shipping method"), max_length=80, blank=True, default="", db_default=""
    )
    shipping_carrier = models.CharField(
        _("carrier of the shipping method"),
        max_length=10,
        choices=Carrier,
        blank=True,
        default="",
        db_default="",
    )
    promised_from = models.DateField(_("arrives from"), null=True, blank=True)
    promised_until = models.DateField(_("arrives by"), null=True, blank=True)
    ship_by = models.DateField(_("ship by"), null=True, blank=True)
    # Goods in it are not released before; everything is sent together.
    not_before = models.DateField(_("not sent before"), null=True, blank=True)
    delivery_on = models.DateField(_("delivery day"), null=True, blank=True)
    delivery_slot = models.CharField(
        _("time slot"), max_length=8, blank=True, default="", db_default=""
    )

    # Copies in the order's language; empty: it is sent. A pick-up has no address.
    pickup_place = models.CharField(
        _("pick-up place"), max_length=80, blank=True, default="", db_default=""
    )
    pickup_address = models.CharField(
        _("address of the place"), max_length=200, blank=True, default="", db_default=""
    )
    pickup_hours = models.CharField(
        _("opening hours"), max_length=120, blank=True, default="", db_default=""
    )

    currency = models.CharField(_("currency"), max_length=3)
    subtotal_minor = MoneyColumn(_("subtotal"))
    shipping_minor = MoneyColumn(_("shipping"))
    discount_minor = MoneyColumn(
        _("discount"), default=0, db_default=0, help_text=_("Off the items' prices.")
    )
    total_minor = MoneyColumn(_("total"))
    discounts = models.JSONField(
        _("discounts"),
        default=list,
        db_default=Value([], models.JSONField()),
        help_text=_("Name, code, kind, and what each takes off, in minor units."),
    )
    tax = models.JSONField(
        _("tax included"),
        default=list,
        help_text=_("By rate: percent, gross and tax in minor units."),
    )

    placed_at = models.DateTimeField(_("placed at"), db_default=Now())
    ready_at = models.DateTimeField(
        _("ready to be shipped since"),
        null=True,
        blank=True,
        help_text=_("Where the card is charged at shipment, this starts the charge."),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        permissions = [
            ("release_order", _("Can release an order for shipping, which charges it")),
            ("ship_order", _("Can mark an order as shipped")),
        ]
        indexes = [
            models.Index(fields=["placed_at"], name="order_placed_idx"),
            # Staff search by the beginning of these. The operator class lets
            # PostgreSQL use the index for LIKE in every locale.
            models.Index(
                fields=["email"],
                opclasses=["varchar_pattern_ops"],
                name="order_email_idx",
            ),
            models.Index(
                fields=["name"],
                opclasses=["varchar_pattern_ops"],
                name="order_name_idx",
            ),
            models.Index(fields=["phone"], name="order_phone_idx"),
            models.Index(PhoneTail("phone"), name="order_phone_tail_idx"),
            models.Index(
                fields=["customer_id"],
                condition=Q(customer_id__isnull=False),
                name="order_customer_idx",
            ),
            # A guest's orders join the account with the same address, however typed.
            models.Index(Lower("email"), name="order_lower_email_idx"),
            models.Index(
                fields=["not_before"],
                condition=Q(not_before__isnull=False),
                name="order_not_before_idx",
            ),
            models.Index(SecondName("name"), name="order_second_name_idx"),
            models.Index(NumberTail("number"), name="order_number_tail_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    total_minor=models.F("subtotal_minor")
                    + models.F("shipping_minor")
                    - models.F("discount_minor")
                ),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["pending", "confirmed", "shipped", "cancelled"]
                ),
                name="order_status_known",
            ),
            models.CheckConstraint(
                condition=Q(gift__in=["", *Gift.values]), name="order_gift_known"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_pickup(self) -> bool:
        """Return whether the customer picks the goods up."""
        return bool(self.pickup_place)

    @property
    def is_abroad(self) -> bool:
        """Return whether it is sent out of Japan: an export, free of Japanese tax."""
        return self.country != JAPAN

    @property
    def is_early(self) -> bool:
        """Return whether it is too early to send it: a pre-order."""
        day = self.not_before
        return day is not None and day > database_clock.read_day()

    @property
    def addressee(self) -> str:
        """Return whom receipts and invoices are made out to, unless it is changed."""
        return self.receipt_name or self.billing_name or self.name

    @property
    def subtotal(self) -> Money:
        return Money(self.subtotal_minor, self.currency)

    @property
    def shipping(self) -> Money:
        return Money(self.shipping_minor, self.currency)

    @property
    def discount(self) -> Money:
        return Money(self.discount_minor, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def given(self) -> list[GivenDiscount]:
        """Return the discounts of the order, as they were when it was placed."""
        return [
            GivenDiscount(
                name=each["name"],
                code=each["code"],
                amount=Money(each["amount"], self.currency),
                shipping=Money(each["shipping"], self.currency),
            )
            for each in self.discounts
        ]

    @property
    def tax_name(self) -> str:
        """Return the tax that was collected for another country, such as VAT, or ""."""
        return next((line.get("name", "") for line in self.tax), "")

    @property
    def tax_lines(self) -> list[dict[str, Any]]:
        """Return the tax by rate; ``name`` is that of another country's, or ""."""
        return [
            {
                "rate": line["rate"],
                "gross": Money(line["gross"], self.currency),
                "tax": Money(line["tax"], self.currency),
                "name": line.get("name", ""),
            }
            for line in self.tax
        ]
