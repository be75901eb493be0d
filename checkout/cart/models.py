"""Carts and temporary orders."""

import uuid
from collections.abc import Collection

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from checkout.promotions.models import CouponCode
from checkout.shipping.models import PickupPlace, ShippingMethod
from checkout.shipping.prefectures import Prefecture
from orders.models import Wishes
from shop import database_clock
from shop.catalogue.models import MOST_PER_ORDER, Variant
from shop.countries import JAPAN, LONGEST_POSTCODE, LONGEST_REGION
from shop.database.money_column import MoneyColumn

MOST_PER_LINE = MOST_PER_ORDER


class Cart(models.Model):
    """The goods that a visitor intends to buy.

    Closed logically when ordered; removed only when it was left open and no cookie
    leads to it any more.

    ``checkout_key`` names one confirmation: the order carries it too, under a unique
    constraint, so that a form sent twice finds the order it already made. A cart
    that comes back after a cancelled order gets a new key.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ORDERED = "ordered", _("being ordered")
        CLOSED = "closed", _("closed")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    checkout_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.OPEN
    )
    coupon = models.ForeignKey(
        CouponCode,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("coupon code"),
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    updated_at = models.DateTimeField(_("updated at"), default=database_clock.Now)
    # The account that it belongs to: only its customer sees it. None: a guest's.
    customer_id = models.BigIntegerField(
        _("customer"), null=True, blank=True, editable=False
    )
    has_returned = models.BooleanField(
        _("its visitor came back"),
        default=False,
        db_default=False,
        help_text=_("A cart whose cookie never comes back is removed after a day."),
    )

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        indexes = [
            models.Index(
                fields=["updated_at"], condition=Q(state="open"), name="cart_open_idx"
            ),
            models.Index(
                fields=["customer_id"],
                condition=Q(customer_id__isnull=False),
                name="cart_customer_idx",
            ),
            models.Index(
                fields=["updated_at"],
                condition=Q(state="open", has_returned=False),
                name="cart_unused_idx",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class CartLine(models.Model):
    cart = models.ForeignKey(
        Cart, models.CASCADE, related_name="lines", verbose_name=_("cart")
    )
    variant = models.ForeignKey(
        Variant, models.PROTECT, related_name="+", verbose_name=_("variant")
    )
    quantity = models.PositiveSmallIntegerField(
        _("quantity"),
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_LINE)],
    )
    seen_minor = MoneyColumn(
        _("price last shown"),
        help_text=_("So that a change of price can be said on the line."),
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cart", "variant"], name="cart_line_once_per_variant"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MOST_PER_LINE),
                name="cart_line_quantity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.variant_id}"


class Delivery(models.TextChoices):
    """How the customer wants the parcel handed over."""

    DOOR = "door", _("Deliver in person")
    LEAVE = "leave", _("Leave at the door")
    MAILBOX = "mailbox", _("Leave in the mailbox or parcel locker")


class TemporaryOrder(Wishes):
    """Contact, address, delivery and wishes, kept between information and purchase."""

    cart = models.OneToOneField(
        Cart, models.CASCADE, related_name="temporary_order", verbose_name=_("cart")
    )
    email = models.EmailField(_("email"))
    name = models.CharField(_("name"), max_length=100)
    phone = models.CharField(_("phone"), max_length=20)
    country = models.CharField(
        _("country"), max_length=2, default=JAPAN, db_default=JAPAN
    )
    postcode = models.CharField(_("postcode"), max_length=LONGEST_POSTCODE, blank=True)
    prefecture = models.CharField(
        _("prefecture"), max_length=20, choices=Prefecture, blank=True
    )
    region = models.CharField(
        _("state or region"),
        max_length=LONGEST_REGION,
        blank=True,
        default="",
        db_default="",
    )
    city = models.CharField(_("city or ward"), max_length=100, blank=True)
    street = models.CharField(_("street and number"), max_length=150, blank=True)
    building = models.CharField(_("building and room"), max_length=150, blank=True)
    delivery = models.CharField(
        _("delivery"),
        max_length=20,
        choices=Delivery,
        default=Delivery.DOOR,
        blank=True,
    )
    # None: the only one there is. Whether it can still be chosen is said by the quote.
    method = models.ForeignKey(
        ShippingMethod,
        models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("shipping method"),
    )
    # Of a pick-up, whose recipient has no address.
    place = models.ForeignKey(
        PickupPlace,
        models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("pick-up place"),
    )
    # None and "": no wish.
    delivery_on = models.DateField(_("delivery day"), null=True, blank=True)
    delivery_slot = models.CharField(
        _("time slot"), max_length=8, blank=True, default=""
    )

    class Meta:
        verbose_name = _("temporary order")
        verbose_name_plural = _("temporary orders")

    def __str__(self) -> str:
        return f"{self.name} {self.postcode}"

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Check all fields but the mail address, which its form has checked.

        Django's own check refuses addresses of Japanese carriers.
        """
        super().clean_fields({*(exclude or ()), "email"})
