"""Balance transactions: the effect of each movement of money on the account."""

from sandboxes.stripe import lists
from sandboxes.stripe.call import Call
from sandboxes.stripe.money import fee as processing_fee
from sandboxes.stripe.store import Object, new_id

_PAYOUT_DELAY_SECONDS = 4 * 24 * 3600
_CATEGORIES = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "payment_failure_refund": "refund_failure",
    "adjustment": "dispute",
}


def record(
    call: Call, kind: str, source: Object, amount: int, *, fee: int | None = None
) -> Object:
    """A movement of ``amount`` (negative: out of the account), in minor units.

    A charge pays the processing fee; a refund does not bring it back.
    """
    if fee is None:
        fee = processing_fee(amount) if kind in ("charge", "payment") else 0
    now = call.clock.now()
    details = []
    if fee:
        details.append(
            {
                "amount": fee,
                "application": None,
                "currency": source["currency"],
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        )
    return call.store.put(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": now + _PAYOUT_DELAY_SECONDS,
            "balance_type": "payments",
            "created": now,
            "currency": source["currency"],
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details,
            "net": amount - fee,
            "reporting_category": _CATEGORIES[kind],
            "source": source["id"],
            "status": "pending",
            "type": kind,
        }
    )


def retrieve(call: Call) -> Object:
    return _matured(call, call.find("balance_transaction", call.path["id"], "id"))


def page(call: Call) -> Object:
    found = lists.page(call, "balance_transaction", ("type", "currency", "source"))
    found["data"] = [_matured(call, item) for item in found["data"]]
    return found


def _matured(call: Call, transaction: Object) -> Object:
    """Return the transaction with its status by now; nothing is stored."""
    if transaction["available_on"] <= call.clock.now():
        return {**transaction, "status": "available"}
    return transaction
