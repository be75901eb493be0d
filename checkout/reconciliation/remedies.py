"""What staff can safely do about each kind of mismatch, and with which command."""

from django.utils.translation import gettext_lazy as _

from checkout.reconciliation.kinds import Kind
from checkout.reconciliation.wording import Described, values_of
from shop.formatting import Wording

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
_READ_THERE = _(
    "Look at it in Stripe's dashboard and compare it with the "
    "order yourself. The shop reads it again with every "
    "comparison; if it stays unreadable, tell whoever maintains "
    "the shop. Until then, differences that it may concern stay "
    "open."
)
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
        "It was refunded in Stripe instead of here. Have Stripe asked once more: then "
        "it counts here, too. Do not refund it again."
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
    Kind.UNREADABLE_PAYMENT: _READ_THERE,
    Kind.UNREADABLE_REFUND: _READ_THERE,
    Kind.UNREADABLE_DISPUTE: _READ_THERE,
    Kind.SAGA_BEHIND: _(
        "Wake the order: it asks Stripe and goes on. It charges nothing twice."
    ),
    Kind.PAYMENT_BEHIND: _ASK_AGAIN,
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
    Kind.RETURN_NOT_BOOKED: _COUNT,
    Kind.STOCK_WITHOUT_PRODUCT: _(
        "Add a variant with this SKU to the product that it belongs to; or adjust the "
        "stock to 0 with a reason, and receive the goods under the right SKU."
    ),
    Kind.PRODUCT_WITHOUT_STOCK: _("Receive the goods, or take the product off sale."),
    Kind.NOT_AT_WAREHOUSE: _(
        "Open the order and resume its shipping if it is stopped. An order from before "
        "the warehouse was connected is sent by you: mark it as shipped."
    ),
    Kind.UNKNOWN_TO_SHOP: _(
        "Ask the people of the warehouse from whom they have it, and have it stopped."
    ),
    Kind.SENT_TWICE: _(
        "Ask the people of the warehouse, and have the second parcel brought back."
    ),
    Kind.SHIPPED_UNPAID: _(
        "Have the parcel brought back, or agree with the customer; then explain it "
        "here."
    ),
    Kind.SHIPMENT_BEHIND: _(
        "Open the order and resume its shipping if it is stopped. Otherwise wait: its "
        "status is read at the deadline."
    ),
    Kind.WAREHOUSE_NOT_COMPARED: _(
        "See whether the warehouse answers again, and compare once more."
    ),
}
_COMMANDS: dict[Kind, str] = {
    Kind.CHARGED_STOPPED: "saga_resume %(order)s",
    Kind.SAGA_BEHIND: "reconcile_payments --wake",
    Kind.PAYMENT_BEHIND: "reconcile_payments --wake",
    Kind.REFUND_UNKNOWN_HERE: "reconcile_payments --wake",
    Kind.REFUND_STATE_DIFFERS: "reconcile_payments --wake",
    Kind.DISPUTE_UNKNOWN_HERE: "reconcile_payments --wake",
    Kind.DISPUTE_STATE_DIFFERS: "reconcile_payments --wake",
    Kind.HOLD_WITHOUT_SAGA: "audit_stock --release %(order)s",
    Kind.HOLD_LEFT_BEHIND: "audit_stock --release %(order)s",
    Kind.PINNED_UNPAID: "audit_stock --release %(order)s",
}


def remedy(row: Described) -> str:
    """Return the sentence on what staff can safely do."""
    return str(_REMEDIES[Kind(row.kind)])


def command(row: Described) -> str:
    """Return the command that does it, or "" if a page or Stripe is the place."""
    known = _COMMANDS.get(Kind(row.kind), "")
    return f"python manage.py {known}" % values_of(row) if known else ""
