"""Endpoints of other systems, their secrets, and what was sent and answered."""

from datetime import timedelta

from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shop.database_clock import Now
from shop.text.typed_url import LONGEST_URL

LONGEST_BODY = 10_000  # characters that are kept of a request
LONGEST_ANSWER = 2_000  # and of an answer
# Names of consumers begin so; the key of the endpoint follows.
CONSUMER = "webhook-"


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def active(self) -> "EndpointQuerySet":
        return self.filter(state=Endpoint.State.ACTIVE)

    def with_rest(self) -> "EndpointQuerySet":
        """Add what ``rests`` says: whether nothing is sent for now, after failures."""
        is_resting = ExpressionWrapper(
            Q(paused_until__isnull=False, paused_until__gt=Now()),
            output_field=models.BooleanField(),
        )
        return self.annotate(is_resting=is_resting)


class Endpoint(models.Model):
    """An address of another system that hears of events."""

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("endpoint", "active")
        STOPPED = "stopped", pgettext_lazy("endpoint", "switched off")
        DISABLED = "disabled", pgettext_lazy("endpoint", "disabled after failures")

    name = models.CharField(_("name"), max_length=80)
    # A URL may hold a secret of the other system: it is in no log.
    url = models.CharField(_("URL"), max_length=LONGEST_URL)
    types = models.TextField(_("event types"), max_length=2_000, default="*")
    in_order = models.BooleanField(_("in order"), default=False)
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.ACTIVE
    )
    made_at = models.DateTimeField(_("added at"), default=Now)
    # In a row, since the last success.
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    paused_until = models.DateTimeField(_("next try at"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("last success"), null=True, blank=True)
    # When it was switched off or disabled.
    ended_at = models.DateTimeField(_("inactive since"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["active", "stopped", "disabled"]),
                name="endpoint_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rests(self) -> bool:
        """Return whether nothing is sent at present, by ``with_rest``."""
        return bool(getattr(self, "is_resting", False))

    @property
    def consumer(self) -> str:
        """Return the name of its consumer, as deliveries of events have it."""
        return f"{CONSUMER}{self.pk}"

    @property
    def patterns(self) -> tuple[str, ...]:
        return tuple(self.types.split())


class EndpointSecretQuerySet(models.QuerySet["EndpointSecret"]):
    def valid(self) -> "EndpointSecretQuerySet":
        """Return those that sign: the newest, and those that it replaces."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=Now()))


class EndpointSecret(models.Model):
    """A secret that signs. It is shown once, to the person who made it."""

    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, related_name="secrets", verbose_name=_("endpoint")
    )
    sealed = models.TextField(_("secret, encrypted"))
    made_at = models.DateTimeField(_("made at"), default=Now)
    made_by = models.CharField(_("made by"), max_length=150)
    shown_at = models.DateTimeField(_("shown at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("valid until"), null=True, blank=True)

    objects = EndpointSecretQuerySet.as_manager()

    class Meta:
        verbose_name = _("secret of an endpoint")
        verbose_name_plural = _("secrets of endpoints")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=Q(ends_at=None),
                name="endpoint_one_newest_secret",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} #{self.pk}"


class Attempt(models.Model):
    """One request to an endpoint, and what was answered. Without the signature."""

    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, related_name="attempts", verbose_name=_("endpoint")
    )
    # The event's identifier, and that of the message.
    uid = models.UUIDField(_("identifier"))
    type = models.CharField(_("type"), max_length=80)
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    is_test = models.BooleanField(_("test"), default=False)
    sent_at = models.DateTimeField(_("sent at"), default=Now)
    took = models.DurationField(_("duration"), default=timedelta)
    request_headers = models.JSONField(_("headers"), default=dict)
    request_body = models.TextField(_("body"), blank=True)
    # None: there was no answer, and the error says why.
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    answer_headers = models.JSONField(_("headers of the answer"), default=dict)
    answer_body = models.TextField(_("body of the answer"), blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("webhook sent")
        verbose_name_plural = _("webhooks sent")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="attempt_endpoint_idx"),
            models.Index(fields=["uid"], name="attempt_uid_idx"),
            models.Index(fields=["sent_at"], name="attempt_age_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.uid}"

    @property
    def is_taken(self) -> bool:
        """Return whether the other system has taken it: any status from 200 to 299."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004
