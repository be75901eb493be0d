"""One shop that takes cash at convenience stores and charges cards at shipment."""

from tests.support.stacks import live_stack_fixture

live_stack_processes = live_stack_fixture(
    "delayed-payments", PAYMENT_METHODS="card,konbini", CAPTURE="shipment"
)
