"""Carts, temporary orders and shipping rates."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from checkout.cart.prefectures import Prefecture
from shop.catalogue.models import Variant

MOST_PER_LINE = 99


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
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        indexes = [
            models.Index(
                fields=["updated_at"], condition=Q(state="open"), name="cart_open_idx"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class CartLine(models.Model):
    cart = models.ForeignKey(
        Cart, models.CASCADE, related_name="lines", verbose_name=_("cart")
    )
    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="+", verbose_name=_("variant")
    )
    quantity = models.PositiveSmallIntegerField(
        _("quantity"),
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_LINE)],
    )
    seen_minor = models.PositiveIntegerField(
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

    DOOR = "door", _("Hand it over at the door")
    LEAVE = "leave", _("Leave it at the door")
    MAILBOX = "mailbox", _("Put it into the mailbox or delivery box")


class TemporaryOrder(models.Model):
    """Contact, address and delivery choice, kept between information and purchase."""

    cart = models.OneToOneField(
        Cart, models.CASCADE, related_name="temporary_order", verbose_name=_("cart")
    )
    email = models.EmailField(_("email"))
    name = models.CharField(_("name"), max_length=100)
    phone = models.CharField(_("phone"), max_length=20)
    postcode = models.CharField(_("postcode"), max_length=8)
    prefecture = models.CharField(_("prefecture"), max_length=20, choices=Prefecture)
    city = models.CharField(_("city or ward"), max_length=100)
    street = models.CharField(_("street and number"), max_length=150)
    building = models.CharField(_("building and room"), max_length=150, blank=True)
    delivery = models.CharField(
        _("delivery"), max_length=20, choices=Delivery, default=Delivery.DOOR
    )

    class Meta:
        verbose_name = _("temporary order")
        verbose_name_plural = _("temporary orders")

    def __str__(self) -> str:
        return f"{self.name} {self.postcode}"


class ShippingZone(models.Model):
    """The shipping rate of some prefectures that differs from the flat rate."""

    name = models.CharField(_("name"), max_length=50, unique=True)
    rate_minor = models.PositiveIntegerField(_("rate"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("shipping zone")
        verbose_name_plural = _("shipping zones")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class ZonePrefecture(models.Model):
    zone = models.ForeignKey(
        ShippingZone,
        models.CASCADE,
        related_name="prefectures",
        verbose_name=_("shipping zone"),
    )
    prefecture = models.CharField(
        _("prefecture"), max_length=20, choices=Prefecture, unique=True
    )

    class Meta:
        verbose_name = _("prefecture of a zone")
        verbose_name_plural = _("prefectures of a zone")

    def __str__(self) -> str:
        return self.get_prefecture_display()


class ShippingTerms(models.Model):
    """The flat rate of all other prefectures, and from which amount shipping is free.

    One row; without it the defaults below apply.
    """

    flat_minor = models.PositiveIntegerField(_("flat rate"), default=600)
    free_from_minor = models.PositiveIntegerField(
        _("free from"),
        default=5000,
        null=True,
        blank=True,
        help_text=_("Goods of at least this amount ship free. Empty: never free."),
    )

    class Meta:
        verbose_name = _("shipping terms")
        verbose_name_plural = _("shipping terms")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="shipping_terms_single_row"),
        ]

    def __str__(self) -> str:
        return str(_("shipping terms"))
