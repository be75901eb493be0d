"""Why a card was not accepted, as its customer may know it.

Some of Stripe's codes would tell a thief that a card is known as stolen. So only those
are explained about which an honest customer can do something. All others (lost, stolen,
suspected and unknown ones among them) are explained in the same general words.
https://docs.stripe.com/declines/codes
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GENERIC = "declined"
# The token of the card form had expired or was used: the bank was not asked.
TOKEN_UNUSABLE = "token_unusable"  # noqa: S105 (a code, no secret)
# The limit of the customer's internet address was reached before its turn came.
TOO_MANY_CARDS = "too_many_cards"
# Codes of the shop itself, with which no bank was asked.
NEVER_ASKED = (TOKEN_UNUSABLE, TOO_MANY_CARDS, "token_already_used", "token_in_use")

# Kind of decline -> the codes that are explained in this way.
_CODES = {
    "insufficient_funds": ("insufficient_funds",),
    "card_limit": ("card_velocity_exceeded", "withdrawal_count_limit_exceeded"),
    "expired_card": ("expired_card",),
    "incorrect_expiry": ("invalid_expiry_month", "invalid_expiry_year"),
    "incorrect_cvc": ("incorrect_cvc", "invalid_cvc"),
    "incorrect_number": ("incorrect_number", "invalid_number"),
    "incorrect_address": ("incorrect_address", "incorrect_zip"),
    "not_supported": (
        "card_not_supported",
        "currency_not_supported",
        "invalid_amount",
        "not_permitted",
        "service_not_allowed",
        "transaction_not_allowed",
    ),
    "duplicate": ("duplicate_transaction",),
    "authentication_failed": (
        "authentication_failed",
        "authentication_not_handled",
        "authentication_required",
        "mobile_device_authentication_required",
        "payment_intent_authentication_failure",
    ),
    "processing_error": (
        "approve_with_id",
        "issuer_not_available",
        "processing_error",
        "reenter_transaction",
        "try_again_later",
    ),
    "test_card": ("test_mode_live_card", "testmode_decline"),
    "enter_again": (TOKEN_UNUSABLE,),
    "too_many_cards": (TOO_MANY_CARDS,),
    # Known, and explained in general words on purpose.
    GENERIC: (
        "call_issuer",
        "do_not_honor",
        "do_not_try_again",
        "fraudulent",
        "generic_decline",
        "incorrect_pin",
        "invalid_account",
        "invalid_pin",
        "live_mode_test_card",
        "lost_card",
        "merchant_blacklist",
        "new_account_information_available",
        "no_action_taken",
        "offline_pin_required",
        "online_or_offline_pin_required",
        "pickup_card",
        "pin_try_exceeded",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "security_violation",
        "stolen_card",
        "stop_payment_order",
    ),
}
KIND_OF_CODE = {code: kind for kind, codes in _CODES.items() for code in codes}
# Refused requests that another card mends: the bank was not asked, or did not answer.
KIND_OF_REFUSAL = {
    "card_decline_rate_limit_exceeded": "card_limit",
    "invalid_card_type": "not_supported",
    "payment_intent_incompatible_payment_method": "not_supported",
    "payment_intent_payment_attempt_failed": "processing_error",
    "payment_method_billing_details_address_missing": "enter_again",
    "payment_method_currency_mismatch": "not_supported",
    "payment_method_customer_decline": GENERIC,
    "payment_method_not_available": "processing_error",
    "payment_method_provider_decline": GENERIC,
    "payment_method_provider_timeout": "processing_error",
    "payment_method_restricted": "not_supported",
    "payment_method_unexpected_state": "enter_again",
    "payment_method_unsupported_type": "not_supported",
    "three_d_secure_authentication_not_supported": "not_supported",
    "token_already_used": "enter_again",
    "token_in_use": "enter_again",
}
_EXPLANATIONS: dict[str, str | Promise] = {
    "insufficient_funds": _("Insufficient funds. Please try another card."),
    "card_limit": _(
        "This card has reached its limit. Please try another one, or ask your bank."
    ),
    "expired_card": _("This card has expired. Please try another one."),
    "incorrect_expiry": _("Check the expiry date and try again."),
    "incorrect_cvc": _(
        "The security code did not match the card. Please check it and try again."
    ),
    "incorrect_number": _(
        "The card number is not right. Please check it and try again."
    ),
    "incorrect_address": _(
        "The address or postcode did not match the card. Please check it and try again."
    ),
    "not_supported": _(
        "This card cannot be used for this purchase. Please try another one."
    ),
    "duplicate": _(
        "The same amount was asked of this card a moment ago, so your bank refused. "
        "Please wait a few minutes, or try another card."
    ),
    "authentication_failed": _(
        "Your bank could not make sure that it was you. Please try again or take "
        "another card."
    ),
    "processing_error": _(
        "The card could not be processed at this moment. Please try again or take "
        "another card."
    ),
    "test_card": _(
        "This shop only simulates payments, so it does not take real cards. Please "
        "use one of the test cards."
    ),
    "enter_again": _(
        "The card form was open for too long, so your bank was not asked. Please "
        "enter the card again."
    ),
    "too_many_cards": _(
        "Too many cards from your internet connection were declined within an hour, "
        "so this one was not tried. Please try again later, or use another "
        "connection. We do this to protect card holders."
    ),
    GENERIC: _(
        "Your bank declined this card without giving a reason. Please try another "
        "one, or ask your bank."
    ),
}


def kind_of(code: str) -> str:
    """Return the kind of decline under which a provider's code is explained."""
    return KIND_OF_CODE.get(code) or KIND_OF_REFUSAL.get(code, GENERIC)


def explain(kind: str) -> str:
    """Return, in the active language, what happened and what the customer can do."""
    return str(_EXPLANATIONS[kind])
