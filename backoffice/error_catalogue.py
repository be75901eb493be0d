"""The error catalogue: what each error means, its likely cause and its remedy.

``docs/operations/errors.md`` has a section for each entry; a test compares them.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from saga.models import Saga
from shop.formatting import Wording


@dataclass(frozen=True)
class CatalogueEntry:
    """One kind of error, under the names of its classes."""

    names: tuple[str, ...]
    cause: Wording
    remedy: Wording

    @property
    def anchor(self) -> str:
        """Return the anchor of the entry's heading in the runbook."""
        return self.names[0].lower()


CATALOGUE = (
    CatalogueEntry(
        ("Retry", "NotNow", "StepError", "PaymentError"),
        _("What the step needs (mail server, payment provider) is away or overloaded."),
        _("See whether it answers again, then resume."),
    ),
    CatalogueEntry(
        ("OutcomeUnknown", "OutcomeUnknownError"),
        _("The provider's answer was lost on the way, or it had a fault of its own."),
        _("Look at the payment in Stripe, then resume: it is read before all else."),
    ),
    CatalogueEntry(
        ("ManualIntervention", "Refused", "NotFound", "UnexpectedState"),
        _("Goods that are gone, an amount that differs, a request that is refused."),
        _("Put right what the exact error names, then resume."),
    ),
    CatalogueEntry(
        ("Abort", "ResumeForward"),
        _("The order could not be carried out, at a point without a way back."),
        _("Agree with the customer, then mark the step as done or refund."),
    ),
    CatalogueEntry(
        ("Misconfigured",),
        _("STRIPE_SECRET_KEY is wrong or was revoked."),
        _("Put the right key in place: all waiting orders go on by themselves."),
    ),
    CatalogueEntry(
        ("CardUnusable",),
        _("Too much time passed between entering the card and using it."),
        _("Nothing: the customer is asked for the card again."),
    ),
    CatalogueEntry(
        ("BadSignature",),
        _("STRIPE_WEBHOOK_SECRET is wrong, or Stripe did not send the webhook."),
        _("Compare the secret with the one in Stripe's dashboard."),
    ),
    CatalogueEntry(
        ("OutOfStock", "HoldLost", "NothingToMove", "NotShipped"),
        _("The shelf holds less than the counts said, or a hold was released by hand."),
        _("Receive goods or correct the count, then resume."),
    ),
    CatalogueEntry(
        ("IllegalMove",),
        _("Another person or process has moved the order or its payment meanwhile."),
        _("Compare order and payment with Stripe, then resume or mark as done."),
    ),
    CatalogueEntry(
        ("TimeoutError",),
        _("The worker was killed, ran out of memory, or lost its network."),
        _("See whether workers stay up, then resume."),
    ),
    CatalogueEntry(
        ("OperationalError", "InterfaceError"),
        _("The database was restarted, is full, or too busy."),
        _("See that the database is well, then resume."),
    ),
    CatalogueEntry(
        ("IntegrityError",),
        _("A fault in the program, which the database has stopped."),
        _("Pass the trace on to the developers; resume with the mended program."),
    ),
    CatalogueEntry(
        ("DoesNotExist",),
        _("A row was removed by hand, or a migration is missing."),
        _("Restore what is missing, then resume."),
    ),
    CatalogueEntry(
        ("UnknownDefinition",),
        _("An older program runs than the one that began the order."),
        _("Deploy the version that the error names: it goes on by itself."),
    ),
)
_BY_NAME = {name: entry for entry in CATALOGUE for name in entry.names}


def find_entry(saga: Saga) -> CatalogueEntry | None:
    """Return the entry for the saga's error; None if there is no error or no entry."""
    return _BY_NAME.get(saga.error_class) if saga.error else None
