"""Preview cancelling an order, and resuming a cancellation that stopped."""

from django.utils.translation import gettext

from backoffice.previews.preview import Preview
from backoffice.previews.refund import describe_destination
from backoffice.wording import write_goods
from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.status.names import (
    CLOSE_CANCELLATION,
    REFUND_CHARGE,
    RETURN_GOODS,
    STOP_SHIPMENT,
)
from orders.models import Cancellation, Order, Payment
from orders.parcels import by_sku, parcel
from saga.errors import UnknownDefinition
from shop.formatting import price
from shop.money import Money


def preview_cancellation(order: Order) -> Preview:
    """Preview cancelling the order now, before anybody has decided."""
    payment = Payment.objects.get(order=order)
    effects = [
        _stop(),
        *_goods(order),
        _money(payment, payment.refundable.minor),
        _mail(order),
    ]
    return Preview(effects, _fee(payment))


def preview_cancellation_from(order: Order, step: str) -> Preview:
    """Preview the steps of a decided cancellation, from ``step`` on."""
    try:
        names = [each.name for each in CANCELLATION.ahead(step)]
    except UnknownDefinition as error:
        return Preview([], [str(error)])
    wish = Cancellation.objects.select_related("refund").filter(order=order).first()
    decided = wish.refund_minor if wish and not wish.refund else 0
    payment = Payment.objects.get(order=order)
    lines = {
        STOP_SHIPMENT: [_stop()],
        RETURN_GOODS: _goods(order),
        REFUND_CHARGE: [_money(payment, min(decided, payment.refundable.minor))],
        CLOSE_CANCELLATION: [_mail(order)],
    }
    return Preview([line for name in names for line in lines[name]], [])


def _stop() -> str:
    return gettext("Will not send the parcel.")


def _goods(order: Order) -> list[str]:
    goods = write_goods(by_sku(parcel(order)).items())
    text = gettext("Will put %(goods)s back into stock.")
    return [text % {"goods": goods}] if goods else []


def _money(payment: Payment, minor: int) -> str:
    if minor:
        text = gettext("Will refund %(amount)s, to %(where)s.")
        amount = price(Money(minor, payment.currency))
        return text % {"amount": amount, "where": describe_destination(payment)}
    if payment.status == Payment.Status.AUTHORIZED:
        return gettext("Will cancel the payment at Stripe: nothing is charged.")
    return gettext("Will not refund anything.")


def _mail(order: Order) -> str:
    text = gettext("Will send one mail to %(email)s.")
    return text % {"email": order.email}


def _fee(payment: Payment) -> list[str]:
    if not payment.refundable:
        return []
    return [gettext("Stripe keeps its fee for the charge.")]
