"""The payment on a page of the provider's, for browsers without the card form.

An order is paid there or by the card form, never by both, and has one page. Its address
is stored before anybody sees it, so a page that a lost answer opened can take no money
(docs/adr/0076). authorize_payment waits here, and reads the page whenever it goes on.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from checkout.flow.errors import PageStaysOpen
from checkout.flow.holds import hold_deadline, keep_for_answer
from checkout.flow.idempotency_keys import key_for
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.payments.gateway import Intent, Refused, get_gateway
from checkout.payments.payment_pages import PageRequest, PageStatus, ProviderPage
from checkout.status.names import WAIT_FOR_PAGE
from orders import transitions
from orders.models import Order, Payment, PaymentPage
from saga.errors import Abort
from saga.results import Wait
from saga.step import Context
from shop import database_clock
from shop.text.mail_address import is_standard

# A customer on the page types a card, and may have to answer the bank.
_REMINDED_AFTER = timedelta(minutes=10)
# Stripe keeps a page open for 30 minutes at least and for a day at most. Ours is opened
# before the goods' deadline, and closed then; this is for the case that nobody can
# close it. The rest is for clocks that differ.
_AT_LEAST = timedelta(minutes=35)
_AT_MOST = timedelta(hours=23, minutes=55)


def visit(context: Context, payment: Payment) -> ProviderPage | Intent:
    """Return the payment's open page, or the intent that was paid there.

    A page is opened if there is none. Raises Abort when it was closed unpaid.
    """
    row = page_of(payment)
    if row is None:
        key = key_for(context, payment, "page")
        return get_gateway().open_page(_request(context, payment.order), key)
    page = get_gateway().read_page(row.session_id)
    if page.status is PageStatus.EXPIRED:
        message = "the payment page was closed, and nothing was paid there"
        raise Abort(message, Order.CancelReason.NOT_PAID)
    is_open = page.status is PageStatus.OPEN
    return page if is_open else get_gateway().retrieve(page.intent_id)


def wait_on_page(context: Context, payment: Payment, page: ProviderPage) -> Wait:
    """Show the page to the customer, and keep the goods until the deadline.

    Raises Abort when it is too late.
    """
    deadline = hold_deadline(context)
    if database_clock.read() >= deadline:
        message = "no payment was completed in time"
        raise Abort(message, Order.CancelReason.NOT_PAID)
    attempt = payment.attempts.latest("number")
    row = PaymentPage(session_id=page.id, url=page.url, expires_at=page.expires_at)
    if transitions.show_page(attempt, row):
        keep_for_answer(context, attempt)
    outbox.queue(payment.order, MailKind.PAYMENT_NEEDED, after=_REMINDED_AFTER)
    return Wait(deadline, WAIT_FOR_PAGE)


def close(context: Context, payment: Payment) -> None:
    """Close the page: afterwards nobody can pay there. One never stored was not shown.

    Raises PageStaysOpen if the provider refuses it while the page can still be paid.
    The intent that was paid there before is stored with the payment.
    """
    row = page_of(payment)
    if row is None:
        return
    gateway = get_gateway()
    # An earlier try may have closed it.
    is_again = context.saga.attempt > 1
    page = gateway.read_page(row.session_id) if is_again else None
    if page is None or page.status is PageStatus.OPEN:
        try:
            key = key_for(context, payment, "close_page")
            page = gateway.close_page(row.session_id, key)
        except Refused as refusal:
            page = gateway.read_page(row.session_id)
            if page.status is PageStatus.OPEN:
                raise PageStaysOpen(row) from refusal
    if page.status is PageStatus.COMPLETE:
        with context.checkpoint():
            transitions.record_intent(payment, page.intent_id)


def page_of(payment: Payment) -> PaymentPage | None:
    return PaymentPage.objects.filter(payment=payment).first()


def _request(context: Context, order: Order) -> PageRequest:
    """Return what the page is opened for: the same whenever it is asked again."""
    with translation.override(order.language):
        label = _("Order %(number)s") % {"number": order.number}
    return PageRequest(
        order=str(order.uid),
        label=label,
        amount=order.payment.amount_minor,
        currency=order.payment.currency,
        email=order.email if is_standard(order.email) else "",
        language=order.language,
        expires_at=_end(hold_deadline(context), order.placed_at),
        success_url=settings.SITE_URL
        + reverse("checkout:order_return", args=[order.uid]),
        back_url=settings.SITE_URL + reverse("checkout:order", args=[order.uid]),
        country=order.country,
    )


def _end(deadline: datetime, placed_at: datetime) -> datetime:
    return min(deadline + _AT_LEAST, placed_at + _AT_MOST)
