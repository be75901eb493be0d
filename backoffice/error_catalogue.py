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
        ("OutcomeUnknown", "OutcomeUnknownError", "Declined"),
        _("The provider's answer was lost on the way, or it had a fault of its own."),
        _("Look at the payment in Stripe, then resume: it is read before all else."),
    ),
    CatalogueEntry(
        ("UnreadableAnswer",),
        _("Stripe answered in a form that this version of the program cannot read."),
        _("Look at the payment in Stripe, and update the program; then resume."),
    ),
    CatalogueEntry(
        ("ManualIntervention", "Refused", "NotFound", "UnexpectedState"),
        _("Goods that are gone, an amount that differs, a request that is refused."),
        _("Fix the cause shown in the error, then resume."),
    ),
    CatalogueEntry(
        ("OtherAmount",),
        _("Somebody charged a part of the amount, or more, on Stripe's own pages."),
        _("Mark the step as done to send it all the same, or refund all and resume."),
    ),
    CatalogueEntry(
        ("PageStaysOpen",),
        _("Stripe refuses to close the payment page; the customer can still pay."),
        _("Expire the session in Stripe's dashboard or wait until it ends; resume."),
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
        ("BadSignature", "WebhookRefused"),
        _("STRIPE_WEBHOOK_SECRET is wrong, or Stripe did not send the webhook."),
        _("Compare the secret with the one in Stripe's dashboard."),
    ),
    CatalogueEntry(
        ("StaleSignature",),
        _("The database's clock is wrong by minutes, or the webhook is an old one."),
        _("Set the clock right, then catch up with replay_webhooks."),
    ),
    CatalogueEntry(
        ("ThinEvent",),
        _("The endpoint at Stripe sends thin events (v2), which are not read here."),
        _("Have it send snapshot events, then catch up with replay_webhooks."),
    ),
    CatalogueEntry(
        ("UnreadableWebhook",),
        _("What was signed with the secret is no event that this version can read."),
        _("Compare the endpoint's API version; if it is right, roll the secret."),
    ),
    CatalogueEntry(
        ("WarehouseSilent",),
        _("The warehouse system is away, overloaded, or answers what nobody can read."),
        _("See whether it answers again, then resume: nothing is sent twice."),
    ),
    CatalogueEntry(
        ("WarehouseMisconfigured",),
        _("WAREHOUSE_URL or WAREHOUSE_SECRET is wrong, or the warehouse changed it."),
        _("Put the right values in place: all waiting orders go on by themselves."),
    ),
    CatalogueEntry(
        ("WarehouseRefused", "FulfilmentRejected"),
        _("An address or an item that the warehouse does not take; it says which."),
        _("Correct the order, then resume: the warehouse is asked again."),
    ),
    CatalogueEntry(
        ("CancelledThere",),
        _("People at the warehouse stopped the shipment without being asked."),
        _("Ask them. Cancel the order here as well, or send it yourself; then resume."),
    ),
    CatalogueEntry(
        ("ExchangeShort",),
        _("The warehouse does not have all items of the exchange."),
        _("Drop the exchange and refund, or resume when the items are there."),
    ),
    CatalogueEntry(
        ("ReturnedToSender",),
        _("Nobody took the parcel, or the address is wrong."),
        _("Agree with the customer; refund or send again, then skip the step."),
    ),
    CatalogueEntry(
        ("SentWrongly",),
        _("The order was refunded or called off while the parcel left."),
        _("Have the parcel brought back, or agree with the customer; then resume."),
    ),
    CatalogueEntry(
        ("OutOfStock", "HoldLost", "NothingToMove", "NotShipped"),
        _("The shelf holds less than the counts said, or a hold was released by hand."),
        _("Receive goods or correct the count, then resume."),
    ),
    CatalogueEntry(
        ("UnknownSku",),
        _("No variant in the catalogue has this SKU: it was renamed or removed."),
        _("Make the variant, or correct the SKU; then try again."),
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
        ("DataError",),
        _("A fault in the program: a text or a number does not fit its column."),
        _("Pass the trace on to the developers; resume with the mended program."),
    ),
    CatalogueEntry(
        ("ProgrammingError",),
        _("A migration is missing, or the program has a fault."),
        _("Run manage.py migrate, then resume; or pass the trace on."),
    ),
    CatalogueEntry(
        ("InternalError", "NotSupportedError", "DatabaseError"),
        _("The database has a fault of its own, or is of another version."),
        _("Read the database's own log, and put right what it says; then resume."),
    ),
    CatalogueEntry(
        ("DoesNotExist",),
        _("A row was removed by hand, or a migration is missing."),
        _("Restore what is missing, then resume."),
    ),
    CatalogueEntry(
        ("UnknownDefinition",),
        _("An older program runs than the one that began the order."),
        _("Deploy the version that the error names: it continues automatically."),
    ),
)
_BY_NAME = {name: entry for entry in CATALOGUE for name in entry.names}


def find_entry(saga: Saga) -> CatalogueEntry | None:
    """Return the entry for the saga's error; None if there is no error or no entry."""
    return _BY_NAME.get(saga.error_class) if saga.error else None
