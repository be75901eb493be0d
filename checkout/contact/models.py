"""What customers write to the shop, and what staff answered."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shop import database_clock

LONGEST_TEXT = 3000


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def waiting(self) -> "EnquiryQuerySet":
        """Keep what somebody has to answer."""
        return self.filter(state=Enquiry.State.OPEN, suspicion="")


class Enquiry(models.Model):
    """A message of the contact form.

    ``uid`` is that of the form as it was shown and of its words, so a form that is sent
    twice is one row.
    ``order_number`` is what was typed: it names an order only if there is one, and only
    staff are told. Nobody is mailed of a row with a ``suspicion``.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("message", "open")
        ANSWERED = "answered", pgettext_lazy("message", "answered")

    class Suspicion(models.TextChoices):
        HIDDEN_FIELD = "hidden", _("filled in a field that people do not see")
        FAST = "fast", _("sent faster than people type")
        NO_FORM = "no_form", _("sent without opening the form")
        LINKS = "links", _("many links")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("received at"), default=database_clock.Now)
    name = models.CharField(_("name"), max_length=100)
    email = models.EmailField(_("email"))
    # Whether the customer was signed in with this address.
    is_proven = models.BooleanField(_("signed in"), default=False)
    order_number = models.CharField(_("order number"), max_length=40, blank=True)
    subject = models.CharField(pgettext_lazy("message", "subject"), max_length=100)
    text = models.TextField(_("message"), max_length=LONGEST_TEXT)
    language = models.CharField(_("language"), max_length=5)
    suspicion = models.CharField(
        _("taken for spam"), max_length=8, choices=Suspicion, blank=True
    )
    state = models.CharField(
        _("status"), max_length=8, choices=State, default=State.OPEN
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.CharField(_("answered by"), max_length=150, blank=True)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name = _("message from a customer")
        verbose_name_plural = _("messages from customers")
        ordering = ["-pk"]
        permissions = [("answer_enquiry", _("Can answer messages from customers"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", answered_at=None, answered_by="")
                | Q(state="answered", answered_at__isnull=False),
                name="enquiry_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state="open", suspicion=""),
                name="enquiry_waiting",
            ),
            models.Index(fields=["order_number"], name="enquiry_order"),
            models.Index(fields=["email", "created_at"], name="enquiry_email"),
            models.Index(fields=["created_at"], name="enquiry_age"),
        ]

    def __str__(self) -> str:
        return self.subject


class EnquiryAnswer(models.Model):
    """An answer of staff. The row stays as it was mailed."""

    enquiry = models.ForeignKey(
        Enquiry, models.CASCADE, related_name="answers", verbose_name=_("message")
    )
    text = models.TextField(_("answer"), max_length=LONGEST_TEXT)
    sent_by = models.CharField(_("answered by"), max_length=150)
    created_at = models.DateTimeField(_("answered at"), default=database_clock.Now)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.enquiry_id}: {self.sent_by}"
