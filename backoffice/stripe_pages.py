"""Addresses of payments and disputes at Stripe, or at the sandbox."""

from django.conf import settings


def payment_url(intent_id: str | None) -> str:
    """Return the page of a payment, empty if there is none yet.

    The sandbox has one page for all payments.
    """
    if not intent_id:
        return ""
    if settings.STRIPE_IS_SANDBOX:
        return f"{settings.STRIPE_API_BASE}/_sandbox/intents"
    return f"{_dashboard()}payments/{intent_id}"


def dispute_url(dispute_id: str) -> str:
    """Return the page on which a dispute is answered."""
    if settings.STRIPE_IS_SANDBOX:
        return f"{settings.STRIPE_API_BASE}/"
    return f"{_dashboard()}disputes/{dispute_id}"


def _dashboard() -> str:
    test = "test/" if "_test_" in settings.STRIPE_SECRET_KEY else ""
    return f"https://dashboard.stripe.com/{test}"
