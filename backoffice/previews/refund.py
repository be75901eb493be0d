"""Preview a refund, for the staff's page and for the command."""

from collections.abc import Sequence

from django.utils.translation import gettext

from backoffice.previews.preview import Preview
from backoffice.wording import write_goods
from checkout.aftersales.cancellations.full_refunds import ends_order
from checkout.payments.methods import KONBINI
from checkout.status.names import CHECKOUT_NAME
from orders.models import Order, Payment, Shipment
from orders.parcels import by_sku, parcel
from orders.transitions.refunds import Item
from saga.models import Saga, State
from shop.formatting import price
from shop.money import Money


def preview_refund(order: Order, amount: Money, items: Sequence[Item]) -> Preview:
    """Preview refunding ``amount`` for ``items``. Writes nothing."""
    payment = order.payment
    ends = ends_order(order, payment.refundable, amount)
    effects = [
        _money(payment, amount),
        _left(payment, amount),
        *([_end(order)] if ends else [_stock(items)]),
        gettext("Will send one mail to %(email)s, as soon as the money has gone back.")
        % {"email": order.email},
        gettext("Stripe keeps its fee for the charge."),
    ]
    warnings = [
        *_disputed(payment),
        *_under_way(payment),
        *_difference(amount, items),
        *([] if ends else _delivery(order, amount)),
    ]
    return Preview(effects, warnings)


def describe_destination(payment: Payment) -> str:
    """Return where the money goes: the card, or an account still to be named."""
    if payment.method == KONBINI:
        return gettext("a bank account that the customer is asked for by mail")
    card = f"{payment.card_brand} •••• {payment.card_last4}".strip(" •")
    return gettext("the card %(card)s") % {"card": card or "-"}


def _money(payment: Payment, amount: Money) -> str:
    text = gettext("Will give %(amount)s back, to %(where)s.")
    return text % {"amount": price(amount), "where": describe_destination(payment)}


def _left(payment: Payment, amount: Money) -> str:
    left = payment.refundable - amount
    values = {
        "left": price(left),
        "charged": price(Money(payment.captured_minor, payment.currency)),
    }
    if not left:
        return gettext("Nothing of the %(charged)s that were charged is left then.") % (
            values
        )
    text = gettext("Of the %(charged)s that were charged, %(left)s are left then.")
    return text % values


def _stock(items: Sequence[Item]) -> str:
    back = [item for item in items if item.restock]
    if not back:
        return gettext("Will not touch the stock.")
    text = gettext(
        "Will put %(goods)s back into stock, as soon as the money has gone back."
    )
    return text % {
        "goods": write_goods((item.line.sku, item.quantity) for item in back)
    }


def _end(order: Order) -> str:
    text = gettext(
        "Will cancel the order: nothing is sent, and %(goods)s go back into stock."
    )
    goods = write_goods(by_sku(parcel(order)).items())
    return text % {"goods": goods or gettext("no items")}


def add_prices(items: Sequence[Item], currency: str) -> Money:
    """Return what was paid for the goods together."""
    return Money(sum(item.paid_minor for item in items), currency)


def _disputed(payment: Payment) -> list[str]:
    if not payment.disputes.open().filter(is_inquiry=False).exists():
        return []
    text = gettext(
        "The charge is disputed: the bank has taken the money back already. Stripe "
        "will refuse the refund."
    )
    return [text]


def _under_way(payment: Payment) -> list[str]:
    text = gettext("A refund of %(amount)s, requested by %(who)s, is still under way.")
    return [
        text % {"amount": price(refund.amount), "who": refund.actor}
        for refund in payment.refunds.under_way()
    ]


def _difference(amount: Money, items: Sequence[Item]) -> list[str]:
    if not items:
        return []
    cost = add_prices(items, amount.currency)
    if cost == amount:
        return []
    text = gettext("The chosen goods cost %(worth)s; %(amount)s go back.")
    return [text % {"worth": price(cost), "amount": price(amount)}]


def _delivery(order: Order, amount: Money) -> list[str]:
    """Say what the refund means for goods that have not left."""
    is_whole = amount == order.payment.refundable
    saga = Saga.objects.filter(definition=CHECKOUT_NAME, reference=order.number).first()
    if saga and saga.state == State.FAILED:
        if is_whole:
            return [gettext("The order is stopped. Resuming it will cancel it.")]
        return [gettext("The order is stopped. Resuming it still sends the goods.")]
    shipment = Shipment.objects.filter(order=order).first()
    if shipment and shipment.status == Shipment.Status.REQUESTED:
        if is_whole:
            text = gettext(
                "The shipment is not ended by this: its cancellation is under way, or "
                "was too late."
            )
            return [text]
        return [gettext("The goods are not shipped yet: they are still sent.")]
    return []
