"""Stripe's public test cards, and the behaviour of each.

Source: Stripe's page "Test card numbers". A card's behaviour is kept with the payment
method; its number is not.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decline:
    """The code and message with which a bank declines."""

    code: str
    decline_code: str
    message: str
    advice: str | None = "try_again_later"
    network_code: str | None = "01"
    blocked: bool = False


GENERIC = "Your card was declined."
DECLINES = {
    decline.decline_code: decline
    for decline in (
        Decline("card_declined", "generic_decline", GENERIC),
        Decline(
            "card_declined", "insufficient_funds", "Your card has insufficient funds."
        ),
        Decline("card_declined", "lost_card", GENERIC, "do_not_try_again"),
        Decline("card_declined", "stolen_card", GENERIC, "do_not_try_again"),
        Decline("card_declined", "fraudulent", GENERIC, None, None, blocked=True),
        Decline(
            "card_declined",
            "card_velocity_exceeded",
            "Your card was declined for making repeated attempts too frequently or "
            "exceeding its amount limit.",
        ),
        Decline(
            "expired_card",
            "expired_card",
            "Your card has expired.",
            "do_not_try_again",
        ),
        Decline(
            "incorrect_cvc",
            "incorrect_cvc",
            "Your card's security code is incorrect.",
            "confirm_card_data",
        ),
        Decline(
            "card_declined",
            "test_mode_live_card",
            "Your card was declined. Your request was in test mode, but used a non "
            "test "
            "card. For a list of valid test cards, visit: "
            "https://stripe.com/docs/testing.",
            "do_not_try_again",
        ),
        Decline(
            "processing_error",
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
        ),
    )
}


@dataclass(frozen=True)
class Card:
    """A test card.

    ``decline`` names what the bank answers, ``challenge`` whether 3-D Secure stands
    before it, ``dispute`` and ``refund`` what happens afterwards.
    """

    number: str
    brand: str = "visa"
    names: tuple[str, ...] = ()
    funding: str = "credit"
    country: str = "US"
    decline: str | None = None
    challenge: bool = False
    dispute: str | None = None
    refund: str | None = None
    risk: str = "normal"
    cvc_check: str = "pass"
    three_d_secure: bool = True

    @property
    def cvc_length(self) -> int:
        return 4 if self.brand == "amex" else 3


CARDS = (
    Card("4242424242424242", names=("visa",)),
    Card("4000056655665556", names=("visa_debit",), funding="debit"),
    Card("5555555555554444", "mastercard", ("mastercard",)),
    Card("2223003122003222", "mastercard"),
    Card("5200828282828210", "mastercard", ("mastercard_debit",), "debit"),
    Card("5105105105105100", "mastercard", ("mastercard_prepaid",), "prepaid"),
    Card("378282246310005", "amex", ("amex",), three_d_secure=False),
    Card("371449635398431", "amex", three_d_secure=False),
    Card("6011111111111117", "discover", ("discover",)),
    Card("6011000990139424", "discover"),
    Card("3056930009020004", "diners", ("diners",)),
    Card("36227206271667", "diners"),
    Card("3566002020360505", "jcb", ("jcb",), country="JP"),
    Card("6200000000000005", "unionpay", ("unionpay",), country="CN"),
    Card("4000003920000003", names=("jp",), country="JP"),
    Card("3530111333300000", "jcb", country="JP"),
    Card(
        "4000000000000002",
        names=("visa_chargeDeclined", "chargeDeclined"),
        decline="generic_decline",
    ),
    Card(
        "4000000000009995",
        names=(
            "visa_chargeDeclinedInsufficientFunds",
            "chargeDeclinedInsufficientFunds",
        ),
        decline="insufficient_funds",
    ),
    Card(
        "4000000000009987",
        names=("visa_chargeDeclinedLostCard", "chargeDeclinedLostCard"),
        decline="lost_card",
    ),
    Card(
        "4000000000009979",
        names=("visa_chargeDeclinedStolenCard", "chargeDeclinedStolenCard"),
        decline="stolen_card",
    ),
    Card(
        "4000000000000069",
        names=("chargeDeclinedExpiredCard", "visa_chargeDeclinedExpiredCard"),
        decline="expired_card",
    ),
    Card(
        "4000000000000127",
        names=("chargeDeclinedIncorrectCvc", "visa_chargeDeclinedIncorrectCvc"),
        decline="incorrect_cvc",
        cvc_check="fail",
    ),
    Card(
        "4000000000000119",
        names=("chargeDeclinedProcessingError", "visa_chargeDeclinedProcessingError"),
        decline="processing_error",
    ),
    Card(
        "4000000000006975",
        names=("visa_chargeDeclinedVelocityLimitExceeded",),
        decline="card_velocity_exceeded",
    ),
    Card(
        "4100000000000019",
        names=(
            "radarBlock",
            "visa_chargeDeclinedFraudulent",
            "chargeDeclinedFraudulent",
        ),
        decline="fraudulent",
        risk="highest",
    ),
    Card("4000000000009235", names=("riskLevelElevated",), risk="elevated"),
    Card("4000000000000341", names=("chargeCustomerFail",), decline="generic_decline"),
    Card("4000000000000101", names=("cvcCheckFail",), cvc_check="fail"),
    Card(
        "4000002500003155",
        names=("authenticationRequiredOnSetup",),
        challenge=True,
    ),
    Card("4000002760003184", names=("authenticationRequired",), challenge=True),
    Card(
        "4000003800000446",
        names=("authenticationRequiredSetupForOffSession",),
        challenge=True,
    ),
    Card(
        "4000008260003178",
        names=("authenticationRequiredChargeDeclinedInsufficientFunds",),
        decline="insufficient_funds",
        challenge=True,
    ),
    Card(
        "4000000000003220",
        names=("threeDSecure2Required", "threeDSecureRequired"),
        challenge=True,
    ),
    Card(
        "4000008400001629",
        names=("threeDSecureRequiredChargeDeclined",),
        decline="generic_decline",
        challenge=True,
    ),
    Card("4000000000003055", names=("threeDSecureOptional",)),
    Card("4000000000003097", names=("threeDSecureOptionalProcessingError",)),
    Card("4000000000000259", names=("createDispute",), dispute="fraudulent"),
    Card(
        "4000000000002685",
        names=("createDisputeProductNotReceived",),
        dispute="product_not_received",
    ),
    Card("4000000000001976", names=("createDisputeInquiry",), dispute="inquiry"),
    Card(
        "4000000000007726",
        names=("pendingRefund", "refundPending"),
        refund="pending",
    ),
    Card("4000000000005126", names=("refundFail",), refund="fail"),
    Card("4000000000000077", names=("bypassPending",)),
)
NOT_A_TEST_CARD = Card("", decline="test_mode_live_card")
BY_NUMBER = {card.number: card for card in CARDS}
BY_NAME = {name: card for card in CARDS for name in card.names}
_PREFIXES = (
    ("visa", ("4",)),
    ("amex", ("34", "37")),
    ("mastercard", ("51", "52", "53", "54", "55", "22", "23", "24", "25", "26", "27")),
    ("discover", ("6011", "65")),
    ("diners", ("30", "36", "38")),
    ("jcb", ("35",)),
    ("unionpay", ("62",)),
)


def luhn(number: str) -> bool:
    """Return whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - one digit
    return total % 10 == 0


def brand_of(number: str) -> str:
    for brand, prefixes in _PREFIXES:
        if number.startswith(prefixes):
            return brand
    return "unknown"
