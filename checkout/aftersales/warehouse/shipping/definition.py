"""The shipping saga: from the request at the warehouse to the delivery.

The step of the checkout that confirms the order leaves it behind (SpinOff), so the
checkout ends within seconds and this one after days.
"""

from contextlib import suppress

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
from checkout.aftersales.warehouse.shipping.consignments import find
from checkout.aftersales.warehouse.shipping.errors import (
    ReturnedToSender,
    SentWrongly,
)
from checkout.alerts.channels import channels
from checkout.status.names import SHIPPING_NAME
from orders.transitions.cancellations import BY_ITSELF
from saga import operations
from saga.definition import Definition, register
from saga.errors import NotResumable
from saga.models import Saga

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

    If it has stopped for a person and nothing is to be sent any more, it goes on to its
    end. Costs nothing in a shop without a warehouse system.
    """
    if settings.WAREHOUSE == "manual":
        return False
    return wake(number) or _resume_if_over(number)


def follow(number: str) -> bool:
    """Begin to follow an exchange: the warehouse sends it. Twice is once.

    In a shop without a warehouse system, and of what is picked up, staff send it: then
    nothing is begun. Return whether it was.
    """
    if settings.WAREHOUSE == "manual" or find(number).order.is_pickup:
        return False
    rows = Saga.objects.filter(definition=SHIPPING_NAME, reference=number)
    if not rows.exists():
        operations.start(SHIPPING, number)
    return True


def _resume_if_over(number: str) -> bool:
    """Resume it if the shipment was called off, or handed over by staff themselves."""
    stopped = Saga.objects.failed().filter(definition=SHIPPING_NAME, reference=number)
    saga = stopped.exclude(error_class__in=_LEFT_TO_PEOPLE).first()
    if saga is None or not find(number).is_over:
        return False
    with suppress(NotResumable):
        operations.resume(saga, BY_ITSELF, "nothing is to be sent any more")
    return True


# About parcels that have left: a call-off does not settle those.
_LEFT_TO_PEOPLE = (SentWrongly.__name__, ReturnedToSender.__name__)

reports.listen(wake)
listeners.listen(wake_for_change)
listeners.send_exchanges_by(follow)
