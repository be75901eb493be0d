"""Why a bank disputes a charge, in the words of staff."""

from django.utils.translation import gettext_lazy as _

from shop.formatting import Wording

# https://docs.stripe.com/disputes/categories
_DISPUTE_REASONS: dict[str, Wording] = {
    "bank_cannot_process": _("the bank cannot process it"),
    "credit_not_processed": _("a refund was promised and did not come"),
    "customer_initiated": _("the cardholder asked for it"),
    "debit_not_authorized": _("not authorised"),
    "duplicate": _("charged twice"),
    "fraudulent": _("the cardholder did not buy this"),
    "general": _("other reasons"),
    "incorrect_account_details": _("wrong account"),
    "insufficient_funds": _("not enough money in the account"),
    "product_not_received": _("the goods did not arrive"),
    "product_unacceptable": _("the goods are faulty or not as described"),
    "subscription_canceled": _("cancelled before"),
    "unrecognized": _("the cardholder does not recognise the charge"),
}


def dispute_reason(reason: str) -> str:
    """Return why the bank disputes a charge, or its code if that is unknown."""
    return str(_DISPUTE_REASONS.get(reason, reason or "-"))
