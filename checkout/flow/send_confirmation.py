"""Step 5, external, in a branch: the mail that confirms order and payment.

The hand-over to the warehouse goes on beside it. Neither keeps the other waiting.
"""

from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.exceptions import ValidationError

from checkout.flow.claimed_order import order_of
from checkout.flow.policies import LEASE, MAIL_RETRY
from checkout.mail import messages
from checkout.status.names import CAPTURE, SEND_CONFIRMATION
from orders import transitions
from orders.models import Order, OrderEvent
from saga.definition import Branch
from saga.errors import Retry
from saga.step import Context, Input, Kind, Step
from shop.text.mail_address import fold_mail_address, validate_mail_address


def send(context: Context) -> bool:
    """Hand the mail to the mail server, unless it was recorded as sent.

    Return False if it is left out: nothing of the charge is left, or it was cancelled.

    At least once: a worker that dies before the record leads to a second mail.
    """
    order = order_of(context)
    if order.events.filter(name=OrderEvent.Name.CONFIRMATION_SENT).exists():
        return True
    if order.payment.is_gone or order.status == Order.Status.CANCELLED:
        return False
    to = context.input("email", order.email)
    try:
        messages.send_confirmation(order, to)
    except SMTPRecipientsRefused as error:
        # The server works and refuses this address; greylisting ends after some time.
        message = f"the mail server refuses {to}: {error.recipients}"
        raise Retry(message, answered=True) from error
    except (SMTPException, OSError) as error:
        message = f"the mail to {to} could not be handed over: {error}"
        raise Retry(message) from error
    return True


def record(context: Context, is_sent: bool) -> None:
    if is_sent:
        order = order_of(context)
        transitions.record_event(order.pk, OrderEvent.Name.CONFIRMATION_SENT)


def prove(_context: Context) -> bool:
    """Accept the statement of staff, with their reason: no mail server can be asked."""
    return True


def _parse_email(typed: str) -> str:
    typed = fold_mail_address(typed)
    try:
        validate_mail_address(typed)
    except ValidationError as error:
        message = f"{typed!r} is no mail address"
        raise ValueError(message) from error
    return typed


def _current_email(context: Context) -> str:
    return Order.objects.get(number=context.reference).email


BRANCH = Branch("mail", after=CAPTURE)
STEP = Step(
    SEND_CONFIRMATION,
    link="checkout.send_confirmation",
    kind=Kind.EXTERNAL,
    branch=BRANCH.name,
    dependency="mail",
    do=send,
    record=record,
    prove=prove,
    skippable=True,
    inputs=(Input("email", _parse_email, _current_email),),
    retry=MAIL_RETRY,
    lease=LEASE,
)
