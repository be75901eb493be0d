"""The shipping saga: from the request at the warehouse to the delivery.

The step of the checkout that confirms the order leaves it behind (SpinOff), so the
checkout ends within seconds and this one after days.
"""

from django.conf import settings

from checkout.aftersales import listeners
from checkout.aftersales.warehouse import reports
from checkout.aftersales.warehouse.shipping import (
    announce_shipment,
    await_acceptance,
    await_delivery,
    await_shipment,
    request_fulfilment,
)
from checkout.alerts.channels import channels
from checkout.status.names import SHIPPING_NAME
from saga import operations
from saga.definition import Definition, register

SHIPPING = register(
    Definition(
        name=SHIPPING_NAME,
        version=1,
        channels=channels,
        steps=(
            request_fulfilment.STEP,
            await_acceptance.STEP,
            await_shipment.STEP,
            announce_shipment.STEP,
            await_delivery.STEP,
        ),
    )
)


def wake(number: str) -> bool:
    """Let the order's shipping saga look again. Harmless at any time."""
    return operations.wake(SHIPPING, number)


def wake_for_change(number: str) -> bool:
    """Let it look again because staff or the customer changed the shipment.

    Costs nothing in a shop without a warehouse system.
    """
    return settings.WAREHOUSE != "manual" and wake(number)


reports.listen(wake)
listeners.listen(wake_for_change)
