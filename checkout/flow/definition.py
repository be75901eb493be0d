"""The checkout's saga: its steps in order, the links they ride in, the pivot."""

from datetime import timedelta

from django.conf import settings

from checkout.alerts.channels import channels
from checkout.flow import intents, payment_steps, proofs, steps
from checkout.status.names import CHECKOUT_NAME, STRIPE
from saga.definition import Branch, Definition, register
from saga.step import Kind, RetryPolicy, Step

_RETRY = RetryPolicy(
    base=settings.SAGA_RETRY_BASE, max_attempts=settings.SAGA_MAX_ATTEMPTS
)
# Nobody waits for the mail, and mail servers are away for minutes: 1, 2, 4 ... seconds.
_MAIL_RETRY = RetryPolicy(
    base=settings.SAGA_RETRY_BASE,
    cap=300,
    max_attempts=2 * settings.SAGA_MAX_ATTEMPTS,
)
_LEASE = timedelta(seconds=settings.SAGA_LEASE)

CHECKOUT = register(
    Definition(
        name=CHECKOUT_NAME,
        version=1,
        channels=channels,
        # The mail says that order and money have come; the hand-over to the warehouse
        # goes on beside it. Neither keeps the other waiting.
        branches=(Branch("mail", after="capture_payment"),),
        steps=(
            Step(
                "reserve_stock",
                link="checkout.reserve_stock",
                kind=Kind.LOCAL,
                do=steps.reserve_stock,
                undo=steps.return_stock,
                retry=_RETRY,
                lease=_LEASE,
            ),
            Step(
                "authorize_payment",
                link="checkout.take_payment",
                kind=Kind.EXTERNAL,
                dependency=STRIPE,
                may_wait=payment_steps.check_time_left,
                undo_calls=payment_steps.has_intent,
                begin=intents.create_intent,
                prepare=intents.store_intent,
                do=payment_steps.authorize,
                record=payment_steps.record_authorization,
                prove=proofs.authorized,
                undo=payment_steps.cancel_intent,
                record_undo=payment_steps.record_cancellation,
                retry=_RETRY,
                lease=_LEASE,
            ),
            Step(
                "capture_payment",
                link="checkout.take_payment",
                kind=Kind.EXTERNAL,
                dependency=STRIPE,
                may_wait=payment_steps.check_time_left,
                prepare=steps.pin_hold,
                do=payment_steps.capture,
                record=payment_steps.record_capture,
                prove=proofs.captured,
                pivot=True,
                retry=_RETRY,
                lease=_LEASE,
            ),
            Step(
                "fulfil_order",
                link="checkout.fulfil_order",
                kind=Kind.LOCAL,
                do=steps.fulfil_order,
                prove=proofs.fulfilled,
                record=proofs.record_fulfilment,
                retry=_RETRY,
                lease=_LEASE,
            ),
            Step(
                "send_confirmation",
                link="checkout.send_confirmation",
                kind=Kind.EXTERNAL,
                branch="mail",
                dependency="mail",
                do=steps.send_confirmation,
                record=steps.record_confirmation,
                prove=proofs.staffs_word,
                skippable=True,
                inputs=(proofs.EMAIL,),
                retry=_MAIL_RETRY,
                lease=_LEASE,
            ),
        ),
    )
)
