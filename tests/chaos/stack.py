"""A shop with kill points and short waits, so that repairs take seconds."""

from tests.support.live import LiveStack

IMPATIENT = {
    "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
    "SAGA_LEASE": "3",
    "SAGA_MESSAGE_GRACE": "1",
    "SAGA_RETRY_BASE": "0.2",
    "BREAKER_PAUSE": "1",
    "STRIPE_TIMEOUT": "1",
    # All customers share one address here, and many of their cards are declined.
    "CARD_TRIES_PER_HOUR": "0",
    "CARDS_PER_HOUR": "0",
    "UNPAID_ORDERS_PER_EMAIL": "0",
    "UNPAID_HOLD_PERCENT": "100",
    "UNPAID_HOLD_PERCENT_PER_ADDRESS": "100",
    # The time for another card or the bank's question: 6 s.
    "HOLD_MINUTES": "0.1",
}

# In addition, with a warehouse; tests.chaos.warehouse.apps shortens the days.
WITH_WAREHOUSE = {
    "WAREHOUSE": "sandbox",
    "WAREHOUSE_TIMEOUT": "1",
}


def start_at_once(stack: LiveStack, *but: str) -> None:
    """Start services that wait for a restart at once, except those in ``but``."""
    for name, service in stack.services().items():
        if service["state"] == "waiting" and name not in but:
            stack.stop(name)
            stack.begin(name)
