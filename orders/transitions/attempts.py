"""The only writer of an attempt's outcome, and of vouchers."""

from django.db import IntegrityError, models, transaction

from orders.errors import IllegalMove
from orders.models import (
    OrderEvent,
    Payment,
    PaymentAttempt,
    PaymentPage,
    Voucher,
)
from orders.transitions.events import record_event
from shop.web.client_address import network_of


@transaction.atomic
def open_attempt(payment: Payment, token: str, client: str = "") -> PaymentAttempt:
    """Start an attempt. Raises IllegalMove while another one is under way.

    ``client`` is the internet address that sent the card, if it is known.
    """
    last = payment.attempts.aggregate(last=models.Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            return PaymentAttempt.objects.create(
                payment=payment,
                number=last + 1,
                token=token,
                client=client,
                network=network_of(client),
            )
    except IntegrityError as error:
        raise IllegalMove(payment, "another attempt") from error


@transaction.atomic
def decline_attempt(attempt: PaymentAttempt, code: str) -> bool:
    """Record that the bank declined. ``code`` is the provider's decline code."""
    moved = PaymentAttempt.objects.filter(pk=attempt.pk, outcome__in=_UNDER_WAY).update(
        outcome=PaymentAttempt.Outcome.DECLINED, decline_code=code, token=""
    )
    if moved:
        record_event(
            attempt.payment.order_id,
            OrderEvent.Name.PAYMENT_DECLINED,
            key=str(attempt.number),
            code=code,
        )
    return bool(moved)


def challenge_attempt(attempt: PaymentAttempt) -> bool:
    """Record that the bank asks the customer for confirmation (3-D Secure).

    Return False if it was recorded before.
    """
    rows = PaymentAttempt.objects.filter(
        pk=attempt.pk, outcome=PaymentAttempt.Outcome.OPEN
    )
    return bool(rows.update(outcome=PaymentAttempt.Outcome.CHALLENGE, token=""))


@transaction.atomic
def issue_voucher(attempt: PaymentAttempt, voucher: Voucher) -> bool:
    """Record the voucher to pay at a store. Return False if there is one already."""
    open_ = PaymentAttempt.objects.filter(
        pk=attempt.pk, outcome=PaymentAttempt.Outcome.OPEN
    )
    if not open_.update(outcome=PaymentAttempt.Outcome.VOUCHER, token=""):
        return False
    voucher.attempt = attempt
    Voucher.objects.bulk_create([voucher])
    record_event(
        attempt.payment.order_id,
        OrderEvent.Name.VOUCHER_ISSUED,
        key=str(attempt.number),
        until=voucher.expires_at.isoformat(),
    )
    return True


@transaction.atomic
def show_page(attempt: PaymentAttempt, page: PaymentPage) -> bool:
    """Record the page on which the customer may pay. Return False if there is one."""
    open_ = PaymentAttempt.objects.filter(
        pk=attempt.pk, outcome=PaymentAttempt.Outcome.OPEN
    )
    if not open_.update(outcome=PaymentAttempt.Outcome.PAGE, token=""):
        return False
    page.payment = attempt.payment
    PaymentPage.objects.bulk_create([page])
    return True


def close_attempt(payment: Payment, outcome: PaymentAttempt.Outcome) -> None:
    """End the attempt that is under way, if any, and delete its token."""
    payment.attempts.filter(outcome__in=_UNDER_WAY).update(outcome=outcome, token="")


_UNDER_WAY = [
    PaymentAttempt.Outcome.OPEN,
    PaymentAttempt.Outcome.CHALLENGE,
    PaymentAttempt.Outcome.VOUCHER,
    PaymentAttempt.Outcome.PAGE,
]
