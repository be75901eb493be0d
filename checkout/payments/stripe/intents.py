"""Stripe's payment intents, as the shop reads them."""

from datetime import datetime

from checkout.payments.gateway import Intent, IntentStatus, StoreCodes, VoucherDetails
from checkout.payments.provider_fields import ProviderObject, Unreadable


def read_intent(found: ProviderObject, request_id: str = "") -> Intent:
    """Return the intent. Raises Unreadable.

    The charge is read as far as it was expanded.
    """
    charge = found.inner("latest_charge")
    paid_by = charge.inner("payment_method_details")
    card = paid_by.inner("card")
    return Intent(
        id=found.identifier(),
        status=found.one_of("status", IntentStatus, None),
        amount=found.amount("amount"),
        received=found.amount("amount_received"),
        currency=found.currency(),
        client_secret=found.code("client_secret"),
        decline_code=_decline_code(found.inner("last_payment_error")),
        charge_id=found.optional_identifier("latest_charge"),
        card_brand=card.code("brand"),
        card_last4=card.last4("last4"),
        capture_before=card.moment("capture_before"),
        order=found.inner("metadata").code("order"),
        moved_at=_moved_at(found, charge),
        refunded=_refunded(charge) if charge else 0,
        method=paid_by.code("type"),
        voucher=_voucher(found.inner("next_action").inner("konbini_display_details")),
        request_id=request_id,
    )


def _voucher(details: ProviderObject) -> VoucherDetails | None:
    if not details:
        return None
    expires_at = details.moment("expires_at")
    if expires_at is None:
        message = f"{details.what}.expires_at is missing"
        raise Unreadable(message)
    # A chain that Stripe does not serve today is missing or null.
    stores = details.inner("stores")
    return VoucherDetails(
        expires_at=expires_at,
        url=details.url("hosted_voucher_url"),
        stores=tuple(_codes(name, stores.inner(name)) for name in stores.names()),
    )


def _codes(chain: str, codes: ProviderObject) -> StoreCodes:
    number = codes.code("confirmation_number")
    return StoreCodes(chain, codes.code("payment_code"), number)


def _moved_at(found: ProviderObject, charge: ProviderObject) -> datetime | None:
    return found.moment("canceled_at") or charge.moment("created")


def _refunded(charge: ProviderObject) -> int:
    """Return what was given back; Stripe counts in what was never captured."""
    never_taken = charge.amount("amount") - charge.amount("amount_captured")
    return max(0, charge.amount("amount_refunded") - never_taken)


def _decline_code(failure: ProviderObject) -> str:
    return failure.code("decline_code") or failure.code("code")
