"""Payment methods: cards, without their numbers, and konbini vouchers."""

import hashlib
from typing import Any

from sandboxes.stripe import billing, cards, events, lists
from sandboxes.stripe.call import Call
from sandboxes.stripe.cards import Card
from sandboxes.stripe.errors import CardRejected, InvalidRequest, missing_resource
from sandboxes.stripe.store import Object, new_id

SUPPORTED = ("card", "konbini")
# The token for a card that a wallet in the browser gives instead of a number.
_WALLETS = {"tok_google_pay": "google_pay", "tok_apple_pay": "apple_pay"}
_TOKENS = {"tok_" + name: card for name, card in cards.BY_NAME.items()} | dict.fromkeys(
    _WALLETS, cards.BY_NAME["visa"]
)


def create(call: Call) -> Object:
    """Create a payment method from a test token or, with a publishable key, a form."""
    method, behaviour = build(call, call.params)
    method["customer"] = None
    return call.store.put(method, behaviour)


def named(call: Call, identifier: str, param: str = "payment_method") -> Object:
    """Return a stored payment method; ``pm_card_visa`` and the like create one."""
    card = cards.BY_NAME.get(identifier.removeprefix("pm_card_"))
    if identifier.startswith("pm_card_") and card is not None:
        method = _method(call, "card", {})
        method["card"] = card_hash(card, exp_month=12, exp_year=_year(call) + 1)
        return call.store.put(method, {"card": card.number})
    found = call.store.get(identifier, "payment_method")
    if found is None:
        raise missing_resource(noun="PaymentMethod", identifier=identifier, param=param)
    return found


def from_data(call: Call, data: dict[str, Any]) -> Object:
    """Create the payment method of ``payment_method_data``."""
    method, behaviour = build(call, data)
    return call.store.put(method, behaviour)


def build(call: Call, data: dict[str, Any]) -> tuple[Object, Object]:
    """Return a payment method that is not stored yet, and its hidden behaviour."""
    kind = data.get("type")
    if kind is None:
        raise InvalidRequest(
            message="Missing required param: type.",
            code="parameter_missing",
            param="type",
        )
    if kind not in SUPPORTED:
        raise InvalidRequest(
            message=f'The payment method type "{kind}" is invalid. Please ensure the '
            "provided type is activated in your dashboard and your account is "
            "enabled for any "
            "preview features that you are trying to use.",
            param="type",
        )
    method = _method(call, kind, data)
    if kind == "konbini":
        method["konbini"] = {}
        return method, {"number": (data.get("konbini") or {}).get("number")}
    card, month, year = _card_of(call, data.get("card") or {})
    method["card"] = card_hash(card, exp_month=month, exp_year=year)
    wallet = _WALLETS.get(str((data.get("card") or {}).get("token")))
    if wallet:
        last4 = method["card"]["last4"]
        method["card"]["wallet"] = {"dynamic_last4": last4, "type": wallet, wallet: {}}
    return method, {"card": card.number if card.number in cards.BY_NUMBER else ""}


def behaviour(call: Call, method: str) -> Card:
    """Return the test card behind a payment method; other cards are declined."""
    number = str(call.store.private(method).get("card") or "")
    return cards.BY_NUMBER.get(number, cards.NOT_A_TEST_CARD)


def _card_of(call: Call, given: dict[str, Any]) -> tuple[Card, int, int]:
    token = given.get("token")
    if token is not None:
        card = _TOKENS.get(str(token))
        if card is None:
            raise missing_resource(
                noun="token", identifier=str(token), param="card[token]"
            )
        return card, 12, _year(call) + 1
    for name in ("number", "exp_month", "exp_year"):
        if name not in given:
            raise InvalidRequest(
                message=f"Missing required param: card[{name}].",
                code="parameter_missing",
                param=f"card[{name}]",
            )
    if not call.publishable:
        raise InvalidRequest(
            message="Sending credit card numbers directly to the Stripe API is "
            "generally "
            "unsafe. We suggest you use test tokens that map to the test card you are "
            "using, see https://stripe.com/docs/testing.",
        )
    return _typed_in(call, given)


def _typed_in(call: Call, given: dict[str, Any]) -> tuple[Card, int, int]:
    """Return the card of the form, checked as a bank's gateway would check it."""
    number = "".join(str(given["number"]).split())
    if not number.isdigit() or not 12 <= len(number) <= 19 or not cards.luhn(number):  # noqa: PLR2004
        raise CardRejected(
            message="Your card number is incorrect.",
            code="incorrect_number",
            param="number",
        )
    month, year = int(given["exp_month"]), int(given["exp_year"])
    year += 2000 if year < 100 else 0  # noqa: PLR2004 - two digits
    if not 1 <= month <= 12:  # noqa: PLR2004
        raise CardRejected(
            message="Your card's expiration month is invalid.",
            code="invalid_expiry_month",
            param="exp_month",
        )
    if (year, month) < _month(call):
        raise CardRejected(
            message="Your card's expiration year is invalid.",
            code="invalid_expiry_year",
            param="exp_year",
        )
    card = cards.BY_NUMBER.get(number) or Card(number, cards.brand_of(number))
    cvc = str(given.get("cvc") or "")
    if not cvc.isdigit() or len(cvc) != card.cvc_length:
        raise CardRejected(
            message="Your card's security code is invalid.",
            code="invalid_cvc",
            param="cvc",
        )
    return card, month, year


def _month(call: Call) -> tuple[int, int]:
    from_epoch = call.clock.date()
    return from_epoch.year, from_epoch.month


def _year(call: Call) -> int:
    return call.clock.date().year


def _method(call: Call, kind: str, data: dict[str, Any]) -> Object:
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": data.get("allow_redisplay") or "unspecified",
        "billing_details": billing.details(data.get("billing_details")),
        "created": call.clock.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": billing.merged_metadata({}, data.get("metadata")),
        "type": kind,
    }


def card_hash(card: Card, *, exp_month: int, exp_year: int) -> Object:
    """Return the ``card`` field of a payment method."""
    digest = hashlib.sha256(card.number.encode()).hexdigest()
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": card.cvc_check,
        },
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": digest[:16],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.three_d_secure},
        "wallet": None,
    }


def retrieve(call: Call) -> Object:
    return named(call, call.path["id"])


def page(call: Call) -> Object:
    """List a customer's payment methods; without a customer none, as Stripe does."""
    if "customer" not in call.params:
        return {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": "/v1/payment_methods",
        }
    return lists.page(call, "payment_method", ("customer", "type"))


def update(call: Call) -> Object:
    """Update billing details, expiry and metadata; never the number."""
    method, params = call.find("payment_method", call.path["id"]), call.params
    if "billing_details" in params:
        given = {**method["billing_details"], **params["billing_details"]}
        method["billing_details"] = billing.details(given)
    for name in ("exp_month", "exp_year"):
        if name in (params.get("card") or {}):
            method["card"][name] = params["card"][name]
    if "allow_redisplay" in params:
        method["allow_redisplay"] = params["allow_redisplay"]
    method["metadata"] = billing.merged_metadata(
        method["metadata"], params.get("metadata")
    )
    call.store.put(method)
    events.emit(call, "payment_method.updated", method)
    return method
