"""Customers with an account, their addresses, codes by mail, and mails to be sent."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shop import database_clock
from shop.countries import JAPAN, LONGEST_POSTCODE, LONGEST_REGION

MOST_ADDRESSES = 20


class Customer(models.Model):
    """The account of a customer.

    ``email`` is in small letters. There is no account before its owner has proven to
    read the mail sent there, so it is always verified. The user has a random name and
    no mail address of its own; it holds the password, if there is one.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        verbose_name=_("user"),
    )
    email = models.EmailField(_("email"), unique=True)
    language = models.CharField(_("language"), max_length=5)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.email


class SavedAddress(models.Model):
    """An address in the customer's address book; the first one is suggested."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="addresses", verbose_name=_("customer")
    )
    name = models.CharField(_("name"), max_length=100)
    phone = models.CharField(_("phone"), max_length=20)
    country = models.CharField(
        _("country"), max_length=2, default=JAPAN, db_default=JAPAN
    )
    postcode = models.CharField(_("postcode"), max_length=LONGEST_POSTCODE, blank=True)
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
    is_first = models.BooleanField(_("suggested first"), default=False)

    class Meta:
        verbose_name = _("saved address")
        verbose_name_plural = _("saved addresses")
        ordering = ["-is_first", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_first=True),
                name="saved_address_one_first",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.postcode}"


class MailCode(models.Model):
    """A code that was sent by mail, for one browser, for some minutes.

    Only a digest is kept. ``password`` is the hash of what was chosen at the sign-up,
    to be set when the code has been entered.
    """

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", _("sign in")
        CHANGE_EMAIL = "change_email", _("change the mail address")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(max_length=12, choices=Purpose)
    email = models.EmailField(_("email"))
    # Of the customer who changes the address.
    customer = models.ForeignKey(
        Customer,
        models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("customer"),
    )
    digest = models.CharField(max_length=64)
    password = models.CharField(max_length=128, blank=True)
    way = models.CharField(max_length=500, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"code for {self.email}"


class AccountMail(models.Model):
    """A mail about an account, kept until the mail server takes it."""

    to = models.EmailField(_("email"))
    kind = models.CharField(max_length=20)
    language = models.CharField(max_length=5)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=database_clock.Now)
    expires_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.kind} mail {self.pk}"
