"""How often the steps are tried again, and the link that carries them."""

from django.conf import settings

from checkout.flow.policies import LEASE
from saga.step import RetryPolicy

__all__ = ["LEASE", "SHIPPING_LINK", "WAREHOUSE_RETRY"]

# Nobody watches the page for a parcel, and outages of warehouses last minutes.
WAREHOUSE_RETRY = RetryPolicy(
    base=settings.SAGA_RETRY_BASE,
    cap=300,
    max_attempts=2 * settings.SAGA_MAX_ATTEMPTS,
)
# All steps in one message: each of them waits for days anyway.
SHIPPING_LINK = "checkout.follow_shipment"
