"""Waiting rooms of products, and the tickets that say who is next."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop import database_clock
from shop.catalogue.models import Product
from shop.database_clock import Now

LONGEST_REASON = 300
# A page that waits asks at least every 30 seconds. Whoever has not asked for so long
# has closed it: nobody waits for them, and their number stays theirs.
PRESENT = timedelta(minutes=2)


class WaitingRoom(models.Model):
    """A product whose buyers go to the checkout ``places`` at a time; kept for good.

    A product has at most one open room. One without ``opened_by`` opened by itself, one
    without ``closed_by`` closed by itself.
    """

    product = models.ForeignKey(
        Product,
        models.CASCADE,
        related_name="waiting_rooms",
        verbose_name=_("product"),
    )
    places = models.PositiveIntegerField(
        _("places in the checkout"),
        validators=[MinValueValidator(1)],
        help_text=_("How many customers may be in the checkout at the same time."),
    )
    let_in = models.PositiveIntegerField(_("let in so far"), default=0)
    opened_at = models.DateTimeField(_("open since"), default=database_clock.Now)
    opened_by = models.CharField(_("opened by"), max_length=150, blank=True)
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON, blank=True)
    closed_at = models.DateTimeField(_("open until"), null=True, blank=True)
    closed_by = models.CharField(_("closed by"), max_length=150, blank=True)
    close_reason = models.CharField(
        _("why closed"), max_length=LONGEST_REASON, blank=True
    )

    class Meta:
        verbose_name = _("waiting room")
        verbose_name_plural = _("waiting rooms")
        ordering = ["-id"]
        permissions = [
            ("manage_waiting_rooms", _("Can open and close waiting rooms")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(closed_at=None),
                name="waiting_room_one_open",
            ),
            models.CheckConstraint(
                condition=Q(places__gte=1), name="waiting_room_places"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False) | Q(closed_by=""),
                name="waiting_room_closed_by",
            ),
        ]

    def __str__(self) -> str:
        return self.product.name


class TicketRows(models.QuerySet["Ticket"]):
    def live(self) -> Self:
        """Those that still stand for something: of carts that wait or were let in."""
        return self.filter(state__in=[Ticket.State.WAITING, Ticket.State.ADMITTED])

    def present(self) -> Self:
        """Those that wait, and whose visitor asked a moment ago."""
        return self.filter(state=Ticket.State.WAITING, seen_at__gt=Now(-PRESENT))

    def inside(self) -> Self:
        """Those that have a place in the checkout now."""
        return self.filter(state=Ticket.State.ADMITTED, admitted_at__gt=_still_in())

    def overdue(self) -> Self:
        """Those that were let in and did not buy in time."""
        return self.filter(state=Ticket.State.ADMITTED, admitted_at__lte=_still_in())


class Ticket(models.Model):
    """A cart's number in a waiting room: the lower key is let in first.

    A cart has one live ticket for a room, however often its page is loaded and in
    however many tabs. ``seen_at``: when its visitor last asked.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ADMITTED = "admitted", _("in the checkout")
        USED = "used", _("ordered")
        LAPSED = "lapsed", _("lapsed")

    room = models.ForeignKey(
        WaitingRoom, models.CASCADE, related_name="tickets", verbose_name=_("room")
    )
    cart = models.ForeignKey(
        "checkout.Cart", models.CASCADE, related_name="+", verbose_name=_("cart")
    )
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.WAITING
    )
    drawn_at = models.DateTimeField(_("drawn at"), default=database_clock.Now)
    seen_at = models.DateTimeField(_("last asked at"), default=database_clock.Now)
    admitted_at = models.DateTimeField(_("let in at"), null=True, blank=True)

    objects = TicketRows.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["room", "cart"],
                condition=Q(state__in=["waiting", "admitted"]),
                name="ticket_one_live",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", admitted_at=None)
                | Q(
                    state__in=["admitted", "used", "lapsed"], admitted_at__isnull=False
                ),
                name="ticket_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["room", "state", "id"],
                condition=Q(state__in=["waiting", "admitted"]),
                name="ticket_live_idx",
            ),
            models.Index(fields=["room", "admitted_at"], name="ticket_admitted_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.get_state_display()})"


def _still_in() -> Now:
    """Return the time after which whoever has a place must have been let in."""
    return Now(-timedelta(minutes=settings.WAITING_ROOM_MINUTES))
