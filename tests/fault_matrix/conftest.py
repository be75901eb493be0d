"""One shop for all faults of the provider, with short waits and no circuit breaker."""

from tests.support.stacks import live_stack_fixture

live_stack_processes = live_stack_fixture(
    "fault-matrix",
    STRIPE_TIMEOUT="0.5",
    # So many faults in a row would open the breaker and hide the effect of each.
    BREAKER_FAILURES="100000",
    SAGA_RETRY_BASE="0.1",
    SAGA_LEASE="10",
)
