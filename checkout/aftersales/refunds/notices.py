"""Alerts about refunds: title and lines."""

from django.utils.translation import gettext

from checkout.alerts.notices import Notice, key_of, last_error, next_steps
from orders.models import Order, Refund
from saga.models import Alert
from shop.formatting import price
from shop.web.admin_addresses import row_page

FAILED = "refund_failed"
UNANSWERED = "refund_unanswered"
FOUND = "refund_found"
ANCHOR = "an-alert-says-that-a-refund-failed"
FOUND_ANCHOR = "an-alert-says-that-a-refund-was-made-at-stripe"


def write_failed(alert: Alert) -> Notice:
    refund = _refund(alert)
    order = refund.payment.order
    was_mailed = refund.succeeded_at is not None
    title = gettext("The refund of %(amount)s for order %(number)s failed")
    return title % _facts(refund), [
        gettext("Why: %(error)s") % {"error": refund.failure},
        gettext(
            "The customer does not have the money. They were told that it was refunded."
        )
        if was_mailed
        else gettext("The customer does not have the money."),
        *(_restocked(refund) if was_mailed else []),
        *_next_steps(order, ANCHOR),
    ]


def write_unanswered(alert: Alert) -> Notice:
    refund = _refund(alert)
    order = refund.payment.order
    title = gettext("No answer about the refund of %(amount)s for order %(number)s")
    return title % _facts(refund), [
        last_error(refund.error),
        gettext(
            "Whether the customer has the money is not known: do not refund it again."
        ),
        gettext("It is asked for again automatically, as the same refund."),
        *_next_steps(order, ANCHOR),
    ]


def write_found(alert: Alert) -> Notice:
    refund = _refund(alert)
    order, left = refund.payment.order, refund.payment.refundable
    title = gettext("%(amount)s of order %(number)s were refunded at Stripe")
    rest = gettext("%(amount)s of the charge are left.") % {"amount": price(left)}
    return title % _facts(refund), [
        rest
        if left
        else gettext("Nothing of the charge is left: the goods are not to be sent."),
        gettext("Do not refund it again. No goods were put back into stock."),
        *_next_steps(order, FOUND_ANCHOR),
    ]


WRITERS = {FAILED: write_failed, UNANSWERED: write_unanswered, FOUND: write_found}


def _refund(alert: Alert) -> Refund:
    return Refund.objects.select_related("payment__order").get(pk=key_of(alert))


def _facts(refund: Refund) -> dict[str, str]:
    number = refund.payment.order.number
    return {"amount": price(refund.amount), "number": number}


def _restocked(refund: Refund) -> list[str]:
    rows = refund.lines.filter(restock=True).select_related("line")
    units = ", ".join(f"{row.quantity} x {row.line.sku}" for row in rows)
    text = gettext("Back in stock since: %(units)s. They stay there.")
    return [text % {"units": units}] if units else []


def _next_steps(order: Order, anchor: str) -> list[str]:
    return next_steps(row_page("orders_order", order.pk), anchor)
