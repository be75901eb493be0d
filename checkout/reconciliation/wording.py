"""Sentences about a mismatch: what disagrees, and where."""

from typing import Any, Protocol

from django.utils.translation import gettext
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
    Kind.UNREADABLE_PAYMENT: _(
        "The shop cannot read payment %(name)s at Stripe, order %(order)s, and did not "
        "compare it (%(why)s)."
    ),
    Kind.UNREADABLE_REFUND: _(
        "The shop cannot read refund %(name)s at Stripe, order %(order)s, and did not "
        "compare it (%(why)s)."
    ),
    Kind.UNREADABLE_DISPUTE: _(
        "The shop cannot read dispute %(name)s at Stripe, order %(order)s, and did not "
        "compare it (%(why)s)."
    ),
    Kind.SAGA_BEHIND: _(
        "Stripe says of order %(order)s: %(status)s. The order still waits for its "
        "customer."
    ),
    Kind.PAYMENT_BEHIND: _(
        "Stripe says of the payment of order %(order)s: %(status)s. The order is "
        "stopped, and its payment does not say so."
    ),
    Kind.ORDER_LEFT_OPEN: _(
        "Order %(order)s is still open, but its processing has ended. "
        "Nothing was charged."
    ),
    Kind.ORDER_WITHOUT_SAGA: _(
        "Order %(order)s is still open, but nothing processes it."
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
        "%(units)s are held for %(order)s, which nothing processes."
    ),
    Kind.HOLD_PASSING: _(
        "%(units)s are held for %(order)s, which nothing processes. "
        "The hold expires automatically."
    ),
    Kind.HOLD_LEFT_BEHIND: _(
        "%(units)s are still held for order %(order)s, whose processing has ended."
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
    Kind.RETURN_NOT_BOOKED: _(
        "%(units)s of order %(order)s came back, but the ledger does not show it."
    ),
    Kind.STOCK_WITHOUT_PRODUCT: _(
        "%(units)s are in stock, but no product has this SKU, so nobody can buy them."
    ),
    Kind.PRODUCT_WITHOUT_STOCK: _(
        "%(subject)s is on sale, but goods were never received for it, so it is shown "
        "as sold out."
    ),
    Kind.NOT_AT_WAREHOUSE: _(
        "Order %(order)s is paid and waits to be shipped, but the warehouse does not "
        "have it."
    ),
    Kind.UNKNOWN_TO_SHOP: _(
        "The warehouse has order %(order)s, which was not requested here."
    ),
    Kind.SENT_TWICE: _(
        "The warehouse shipped more for order %(order)s than was requested: %(units)s."
    ),
    Kind.SHIPPED_UNPAID: _(
        "The warehouse shipped %(units)s for order %(order)s, which is not paid, or "
        "was cancelled."
    ),
    Kind.SHIPMENT_BEHIND: _(
        "The warehouse shipped %(units)s for order %(order)s, and here it is not "
        "shipped."
    ),
    Kind.WAREHOUSE_NOT_COMPARED: _(
        "The warehouse did not answer, so its orders were not compared (%(why)s)."
    ),
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
    return str(_SENTENCES[Kind(row.kind)]) % values_of(row)


def values_of(row: Described) -> dict[str, str]:
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
        "name": facts.get("id") or gettext("without a readable ID"),
        "why": str(facts.get("why", "")),
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
