"""Alerts about disputes: title and lines."""

from django.utils.translation import gettext

from checkout.alerts.notices import Notice, key_of, last_error, next_steps
from checkout.status.dispute_reasons import dispute_reason
from orders.models import Dispute
from saga.models import Alert
from shop.formatting import date_and_time, price
from shop.web.admin_addresses import row_page

OPENED = "dispute_opened"
DUE = "dispute_due"
CLOSED = "dispute_closed"
UNANSWERED = "dispute_unanswered"
ANCHOR = "an-alert-says-that-a-charge-is-disputed"


def write_opened(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    if dispute.is_inquiry:
        title = gettext("A bank asks about %(charge)s: %(reason)s")
        return title % _facts(dispute), [
            gettext("No money was taken back. An answer may spare you a dispute."),
            *_deadline(dispute),
            *_next_steps(dispute),
        ]
    title = gettext("%(charge)s is disputed: %(reason)s")
    return title % _facts(dispute), [
        gettext("The bank has taken the money back, and a fee."),
        *_deadline(dispute),
        gettext("Do not refund it as well."),
        *_next_steps(dispute),
    ]


def write_due(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    title = gettext("The dispute about %(charge)s still needs your answer")
    return title % _facts(dispute), [*_deadline(dispute), *_next_steps(dispute)]


def write_closed(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    title = {
        Dispute.Status.WON: gettext(
            "The dispute about %(charge)s was won: the money is back"
        ),
        Dispute.Status.LOST: gettext(
            "The dispute about %(charge)s was lost: the money and the fee are gone"
        ),
    }.get(
        Dispute.Status(dispute.status),
        gettext("The dispute about %(charge)s was closed"),
    )
    return title % _facts(dispute), _next_steps(dispute)


def write_unanswered(alert: Alert) -> Notice:
    dispute = _dispute(alert)
    title = gettext("A dispute was reported that cannot be read: %(id)s")
    return title % {"id": dispute.dispute_id}, [
        last_error(dispute.error),
        gettext("Look it up at Stripe: it has a deadline that is not known here."),
        *_set_aside(dispute),
        *_next_steps(dispute),
    ]


WRITERS = {
    OPENED: write_opened,
    DUE: write_due,
    CLOSED: write_closed,
    UNANSWERED: write_unanswered,
}


def _dispute(alert: Alert) -> Dispute:
    return Dispute.objects.select_related("payment__order").get(pk=key_of(alert))


def _facts(dispute: Dispute) -> dict[str, str]:
    """Return what titles name: the charge, and why the bank disputes it."""
    amount = price(dispute.amount)
    charge = gettext("%(amount)s (there is no order here)") % {"amount": amount}
    if dispute.payment:
        number = dispute.payment.order.number
        charge = gettext("%(amount)s of order %(number)s")
        charge %= {"amount": amount, "number": number}
    return {"charge": charge, "reason": dispute_reason(dispute.reason)}


def _deadline(dispute: Dispute) -> list[str]:
    if dispute.due_at is None or dispute.status not in Dispute.OPEN:
        return []
    text = gettext("Evidence is taken until %(time)s.")
    return [text % {"time": date_and_time(dispute.due_at)}]


def _set_aside(dispute: Dispute) -> list[str]:
    if dispute.status != Dispute.Status.SET_ASIDE:
        return []
    return [
        gettext("Stripe does not know it: another account or mode, or a wrong key."),
        gettext(
            "It is read again when it is reported again, or by reconcile_payments "
            "--wake."
        ),
    ]


def _next_steps(dispute: Dispute) -> list[str]:
    page = row_page("orders_dispute", dispute.pk)
    return next_steps(page, ANCHOR)
