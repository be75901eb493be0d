"""One shop for all journeys; it sends its alerts to a chat of the tests."""

from tests.support.stacks import live_stack_fixture

live_stack_processes = live_stack_fixture(
    "journeys",
    alerts_to_chat=True,
    # Few enough that tests can make all of them busy.
    WORKERS="2",
    SAGA_LEASE="4",
    STRIPE_TIMEOUT="2",
    SAGA_MESSAGE_GRACE="1",
    SAGA_RETRY_BASE="0.1",
    # The mail has twice as many tries, at growing pauses: 3 s for all of them.
    SAGA_MAX_ATTEMPTS="3",
    # The time for another card or the bank's question: 15 s.
    HOLD_MINUTES="0.25",
)
