"""The saga that cancels a paid order: its steps, one module each, in their order.

It starts when a person has decided, and is named by the order's number. Before that the
request is a row that waits. An order that was not charged needs none of it: there the
checkout's own saga is undone.
"""

from checkout.aftersales.cancellations import (
    close_cancellation,
    refund_charge,
    return_goods,
    stop_shipment,
)
from checkout.alerts.channels import channels
from checkout.status.names import CANCELLATION_NAME
from saga.definition import Definition, register

CANCELLATION = register(
    Definition(
        name=CANCELLATION_NAME,
        version=1,
        channels=channels,
        steps=(
            stop_shipment.STEP,
            return_goods.STEP,
            refund_charge.STEP,
            close_cancellation.STEP,
        ),
    )
)
