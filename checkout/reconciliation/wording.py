"""Sentences about a mismatch: what disagrees, and what can safely be done."""

from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from checkout.payments.gateway import IntentStatus
from checkout.reconciliation.kinds import OF_GOODS, Kind
from orders.models import Dispute, Refund
from shop import formatting
from shop.formatting import Wording
from shop.money import Money

_SENTENCES: dict[Kind, Wording] = {
    Kind.CHARGE_WITHOUT_ORDER: _(
        "Stripe charged %(there)s, and no order of ours belongs to it."
    ),
    Kind.OPEN_WITHOUT_ORDER: _(
        "Stripe has set %(there)s aside, and no order of ours belongs to it."
    ),
    Kind.TWO_CHARGES: _(
        "Order %(order)s was charged twice: once more %(there)s, on another payment."
    ),
    Kind.CHARGED_ELSEWHERE: _(
        "Order %(order)s was charged %(there)s, but on a payment that it does not know."
    ),
    Kind.SECOND_AUTHORISATION: _(
        "A second payment of order %(order)s over %(there)s is still open at Stripe."
    ),
    Kind.CHARGE_NOT_RECORDED: _(
        "Stripe charged %(there)s for order %(order)s, but our payment does not say so."
    ),
    Kind.CHARGED_NOT_COMPLETED: _(
        "Order %(order)s is charged, was not completed, and nothing moves it on."
    ),
    Kind.CHARGED_BUT_CANCELLED: _(
        "Order %(order)s is cancelled, but Stripe charged %(there)s for it."
    ),
    Kind.CHARGED_STOPPED: _(
        "Order %(order)s is charged and stopped before it was complete. "
        "Staff were told."
    ),
    Kind.OPEN_FOR_CANCELLED: _(
        "Order %(order)s is cancelled, but its payment over %(there)s is still open "
        "at Stripe."
    ),
    Kind.ORDER_WITHOUT_CHARGE: _(
        "Order %(order)s counts as paid here, but Stripe charged nothing for it."
    ),
    Kind.PAYMENT_UNKNOWN_THERE: _(
        "Stripe does not know the payment of order %(order)s."
    ),
    Kind.AMOUNT_DIFFERS: _(
        "Order %(order)s: %(there)s at Stripe, %(here)s in our books."
    ),
    Kind.CURRENCY_DIFFERS: _(
        "Order %(order)s: %(there)s at Stripe, %(here)s in our books. The currency "
        "differs."
    ),
    Kind.REFUND_UNKNOWN_HERE: _(
        "Stripe gave %(there)s back for order %(order)s, and nobody here asked for it."
    ),
    Kind.REFUND_UNKNOWN_THERE: _(
        "Stripe does not know the refund of %(here)s for order %(order)s."
    ),
    Kind.REFUND_AMOUNT_DIFFERS: _(
        "A refund for order %(order)s: %(there)s at Stripe, %(here)s in our books."
    ),
    Kind.REFUND_STATE_DIFFERS: _(
        "The refund of %(here)s for order %(order)s: %(there_state)s at Stripe, "
        "%(here_state)s here."
    ),
    Kind.DISPUTE_UNKNOWN_HERE: _(
        "The charge of order %(order)s over %(there)s is disputed at Stripe, and "
        "nobody here was told."
    ),
    Kind.DISPUTE_STATE_DIFFERS: _(
        "The dispute of order %(order)s: %(there_state)s at Stripe, %(here_state)s "
        "here."
    ),
    Kind.SAGA_BEHIND: _(
        "Stripe says of order %(order)s: %(status)s. The order still waits for its "
        "customer."
    ),
    Kind.ORDER_LEFT_OPEN: _(
        "Order %(order)s is still open, but its saga has ended. Nothing was charged."
    ),
    Kind.ORDER_WITHOUT_SAGA: _(
        "Order %(order)s is still open, and has no saga that would move it on."
    ),
    Kind.LEDGER_DIFFERS: _(
        "%(subject)s: %(here_units)s on hand, but the ledger adds up to "
        "%(there_units)s."
    ),
    Kind.HELD_DIFFERS: _(
        "%(subject)s: %(here_units)s count as held, but the holds add up to "
        "%(there_units)s."
    ),
    Kind.HOLD_WITHOUT_SAGA: _(
        "%(units)s are held for %(order)s, for which no saga answers."
    ),
    Kind.HOLD_PASSING: _(
        "%(units)s are held for %(order)s, for which no saga answers. The hold "
        "expires by itself."
    ),
    Kind.HOLD_LEFT_BEHIND: _(
        "%(units)s are still held for order %(order)s, whose saga has ended."
    ),
    Kind.PINNED_UNPAID: _(
        "%(units)s are held for good for order %(order)s, which is not paid and which "
        "nothing moves on."
    ),
    Kind.MOVEMENT_WITHOUT_ORDER: _(
        "%(units)s left the stock for %(order)s, and there is no such order."
    ),
    Kind.GOODS_WITHOUT_PAYMENT: _(
        "%(units)s left the stock for order %(order)s, which is not complete."
    ),
    Kind.GOODS_NOT_BOOKED: _(
        "Order %(order)s is complete, but %(units)s never left the stock."
    ),
}
_REFUND_THERE = _(
    "Look at the payment in Stripe. If the customer paid for nothing, refund it there; "
    "if another system took it, explain it here."
)
_LOOK_AT_ORDER = _(
    "Open the order and see where it stopped. Deliver it by hand or refund it; then "
    "explain it here."
)
_VOID_THERE = _("Cancel the payment in Stripe, so that it can never be charged.")
_BY_HAND = _(
    "Only a change of the tables by hand can do this. Count the shelf, find out who "
    "changed what, and have the counter put right in the database."
)
_RELEASE = _(
    "Put the goods back into stock with the command below. However often it is given, "
    "they go back once."
)
_ASK_AGAIN = _("Have Stripe asked once more: no money moves because of it.")
_COUNT = _("Count the shelf and adjust the stock with a reason; then explain it here.")
_REMEDIES: dict[Kind, Wording] = {
    Kind.CHARGE_WITHOUT_ORDER: _REFUND_THERE,
    Kind.OPEN_WITHOUT_ORDER: _VOID_THERE,
    Kind.TWO_CHARGES: _(
        "Look at both payments in Stripe and refund there the one that the order does "
        "not know."
    ),
    Kind.CHARGED_ELSEWHERE: _(
        "Look at both payments in Stripe. Deliver the order by hand, or refund the "
        "charge there."
    ),
    Kind.SECOND_AUTHORISATION: _VOID_THERE,
    Kind.CHARGE_NOT_RECORDED: _LOOK_AT_ORDER,
    Kind.CHARGED_NOT_COMPLETED: _LOOK_AT_ORDER,
    Kind.CHARGED_BUT_CANCELLED: _(
        "Refund the charge in Stripe, or deliver the goods after all and explain it "
        "here."
    ),
    Kind.CHARGED_STOPPED: _("Resume the order from the failed step."),
    Kind.OPEN_FOR_CANCELLED: _VOID_THERE,
    Kind.ORDER_WITHOUT_CHARGE: _(
        "Stop the parcel if it has not left. Look the payment up in Stripe, and ask "
        "the customer."
    ),
    Kind.PAYMENT_UNKNOWN_THERE: _(
        "Check that STRIPE_SECRET_KEY belongs to the account that took the payment."
    ),
    Kind.AMOUNT_DIFFERS: _(
        "Compare order and payment. Refund the difference in Stripe, or ask the "
        "customer for it; then explain it here."
    ),
    Kind.CURRENCY_DIFFERS: _(
        "Look at the payment in Stripe. It was not taken by this shop as the order "
        "stands; settle the difference there and explain it here."
    ),
    Kind.REFUND_UNKNOWN_HERE: _(
        "It was refunded in Stripe instead of here. If that was right, explain it; "
        "do not refund it once more."
    ),
    Kind.REFUND_UNKNOWN_THERE: _(
        "The customer may not have the money. Look at the payment in Stripe before "
        "you refund anything again."
    ),
    Kind.REFUND_AMOUNT_DIFFERS: _(
        "Compare the refund in Stripe with the one that was asked for. Refund what is "
        "missing from the order's page, then explain it here."
    ),
    Kind.REFUND_STATE_DIFFERS: _ASK_AGAIN,
    Kind.DISPUTE_UNKNOWN_HERE: _ASK_AGAIN,
    Kind.DISPUTE_STATE_DIFFERS: _ASK_AGAIN,
    Kind.SAGA_BEHIND: _(
        "Wake the order: it asks Stripe and goes on. It charges nothing twice."
    ),
    Kind.ORDER_LEFT_OPEN: _LOOK_AT_ORDER,
    Kind.ORDER_WITHOUT_SAGA: _LOOK_AT_ORDER,
    Kind.LEDGER_DIFFERS: _BY_HAND,
    Kind.HELD_DIFFERS: _BY_HAND,
    Kind.HOLD_WITHOUT_SAGA: _RELEASE,
    Kind.HOLD_PASSING: _("Nothing: it passes."),
    Kind.HOLD_LEFT_BEHIND: _RELEASE,
    Kind.PINNED_UNPAID: _RELEASE,
    Kind.MOVEMENT_WITHOUT_ORDER: _COUNT,
    Kind.GOODS_WITHOUT_PAYMENT: _LOOK_AT_ORDER,
    Kind.GOODS_NOT_BOOKED: _COUNT,
}
_COMMANDS: dict[Kind, str] = {
    Kind.CHARGED_STOPPED: "saga_resume %(order)s",
    Kind.SAGA_BEHIND: "reconcile_payments --wake",
    Kind.REFUND_STATE_DIFFERS: "reconcile_payments --wake",
    Kind.DISPUTE_UNKNOWN_HERE: "reconcile_payments --wake",
    Kind.DISPUTE_STATE_DIFFERS: "reconcile_payments --wake",
    Kind.HOLD_WITHOUT_SAGA: "audit_stock --release %(order)s",
    Kind.HOLD_LEFT_BEHIND: "audit_stock --release %(order)s",
    Kind.PINNED_UNPAID: "audit_stock --release %(order)s",
}
_AT_STRIPE: dict[str, Wording] = {
    IntentStatus.SUCCEEDED.value: _("charged"),
    IntentStatus.CAPTURABLE.value: _("authorised, not charged"),
    IntentStatus.CANCELED.value: _("cancelled, nothing charged"),
    IntentStatus.PROCESSING.value: _("being worked on"),
}


class Described(Protocol):
    """What can be described: a finding, or a recorded mismatch."""

    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def order_number(self) -> str: ...
    @property
    def facts(self) -> Any: ...


def sentence(row: Described) -> str:
    """Return the sentence on what disagrees."""
    return str(_SENTENCES[Kind(row.kind)]) % _values(row)


def remedy(row: Described) -> str:
    """Return the sentence on what staff can safely do."""
    return str(_REMEDIES[Kind(row.kind)])


def command(row: Described) -> str:
    """Return the command that does it, or "" if a page or Stripe is the place."""
    known = _COMMANDS.get(Kind(row.kind), "")
    return f"python manage.py {known}" % _values(row) if known else ""


def _values(row: Described) -> dict[str, str]:
    facts = row.facts
    return {
        "subject": row.subject,
        "order": row.order_number or _without_order(row),
        "here": price(row, "here"),
        "there": price(row, "there"),
        "status": at_stripe(row),
        "there_state": _state(facts.get("there", "")),
        "here_state": _state(facts.get("here_state", "")),
        "units": _units(facts.get("units", {})),
        "here_units": str(facts.get("here", "")),
        "there_units": str(facts.get("there", "")),
    }


def _without_order(row: Described) -> str:
    """Return the reference for goods without an order; "-" for money."""
    return row.subject if row.kind in OF_GOODS else "-"


def at_stripe(row: Described) -> str:
    """Return the state of the payment at Stripe."""
    return str(_AT_STRIPE.get(row.facts.get("there", ""), _("open")))


def price(row: Described, side: str) -> str:
    """Return the amount ``here`` (our books) or ``there`` (Stripe), formatted."""
    facts = row.facts
    minor, currency = facts.get(f"{side}_minor"), facts.get(f"{side}_currency")
    if minor is None or not currency:
        return "-"
    return formatting.price(Money(minor, currency))


def _state(name: str) -> str:
    """Return the label of a refund's or a dispute's status."""
    known = {**dict(Refund.Status.choices), **dict(Dispute.Status.choices)}
    return str(known.get(name, name))


def _units(units: dict[str, int]) -> str:
    return ", ".join(f"{number} x {sku}" for sku, number in units.items())
