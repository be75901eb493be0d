"""Captured rows, the events made of them, and their delivery to consumers."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.append_only import AppendOnly
from shop.database_clock import Now, Time


class CapturedRow(models.Model):
    """A row of a source that is no event yet. Triggers write it, the router removes it.

    See shop.database.change_capture.
    """

    source = models.CharField(_("source"), max_length=40)
    row_id = models.BigIntegerField(_("row"))

    class Meta:
        verbose_name = _("captured row")
        verbose_name_plural = _("captured rows")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.source} {self.row_id}"


class Event(models.Model):
    """Something that happened, in the past tense. Never changed.

    ``id`` is its place in the stream. ``sequence`` counts the events of one subject
    without gaps, from 1. ``uid`` follows from source and row, so a row is one event,
    whoever routes it and however often.
    """

    uid = models.UUIDField(_("identifier"), unique=True)
    type = models.CharField(_("type"), max_length=80)
    subject = models.CharField(_("subject"), max_length=120)
    sequence = models.PositiveIntegerField(_("number of the subject"))
    correlation = models.CharField(_("belongs to"), max_length=120, blank=True)
    occurred_at = models.DateTimeField(_("at"))
    version = models.PositiveSmallIntegerField(_("version of the data"), default=1)
    data = models.JSONField(_("data"), default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "sequence"], name="event_once_in_sequence"
            ),
            AppendOnly(name="event_append_only"),
        ]
        indexes = [
            models.Index(fields=["type", "id"], name="event_type_idx"),
            models.Index(fields=["occurred_at"], name="event_time_idx"),
            models.Index(
                fields=["correlation", "id"],
                condition=~Q(correlation=""),
                name="event_correlation_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject} #{self.sequence}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> "DeliveryQuerySet":
        return self.filter(state=Delivery.State.WAITING)

    def due(self, now: Time) -> "DeliveryQuerySet":
        return self.waiting().filter(due_at__lte=now)

    def dead(self) -> "DeliveryQuerySet":
        return self.filter(state=Delivery.State.DEAD)

    def open(self) -> "DeliveryQuerySet":
        """Return those that the consumer has not had, dead letters among them."""
        return self.exclude(state=Delivery.State.DONE)


class Delivery(models.Model):
    """One event for one consumer.

    A dead letter is a delivery that failed as often as its consumer allows: it waits
    for a person, who replays it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", pgettext_lazy("event", "delivered")
        DEAD = "dead", _("dead letter")

    event = models.ForeignKey(
        Event, models.PROTECT, related_name="deliveries", verbose_name=_("event")
    )
    consumer = models.CharField(_("consumer"), max_length=60)
    # The event's, repeated for the question what stands before it.
    subject = models.CharField(_("subject"), max_length=120)
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.WAITING
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    # Whoever takes it counts it up, and what another one has taken cannot be finished.
    fence = models.PositiveIntegerField(_("fence"), default=0)
    due_at = models.DateTimeField(_("due at"), default=Now)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    error_class = models.CharField(_("kind of error"), max_length=200, blank=True)
    error = models.TextField(_("error"), blank=True)
    # A dead letter of a time at which no later event got through either.
    is_outage = models.BooleanField(
        _("while nothing got through"), default=False, db_default=False
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery of an event")
        verbose_name_plural = _("deliveries of events")
        ordering = ["id"]
        permissions = [("retry_delivery", _("Can deliver events again"))]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "consumer"], name="delivery_once_a_consumer"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "dead"]),
                name="delivery_state_known",
            ),
        ]
        indexes = [
            # In the order in which they are delivered, so that a backlog is not sorted.
            models.Index(
                fields=["consumer", "due_at", "event"],
                condition=Q(state="waiting"),
                name="delivery_due_idx",
            ),
            # Dead letters are few beside what waits.
            models.Index(
                fields=["consumer", "ended_at"],
                condition=Q(state="dead"),
                name="delivery_dead_idx",
            ),
            models.Index(
                fields=["consumer", "subject", "event"],
                condition=~Q(state="done"),
                name="delivery_open_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consumer}: {self.event_id}"
