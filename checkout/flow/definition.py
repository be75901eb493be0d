"""The checkout's saga: its steps, one module each, in their order, and its branch."""

from checkout.alerts.channels import channels
from checkout.flow import (
    authorize_payment,
    capture_payment,
    fulfil_order,
    reserve_stock,
    send_confirmation,
)
from checkout.status.names import CHECKOUT_NAME
from saga.definition import Definition, register

CHECKOUT = register(
    Definition(
        name=CHECKOUT_NAME,
        version=1,
        channels=channels,
        branches=(send_confirmation.BRANCH,),
        steps=(
            reserve_stock.STEP,
            authorize_payment.STEP,
            capture_payment.STEP,
            fulfil_order.STEP,
            send_confirmation.STEP,
        ),
    )
)
