"""Preview what a member of staff does with a return."""

from django.utils.translation import gettext

from backoffice.previews.preview import Preview
from backoffice.wording import write_goods
from checkout.aftersales.exchanges import exchange_of, kept_units
from inventory.selectors import free_by_sku
from orders.models import Order, Return
from orders.parcels import by_sku, due_again
from shop.profile.selectors import read_seller


def preview_approval(order: Order) -> Preview:
    """Preview allowing a return, with or without a request of the customer."""
    expect = gettext("Will expect the parcel. The stock changes when it arrives.")
    address = read_seller().address.replace("\n", ", ")
    how = gettext("Will send one mail to %(email)s: send the items to %(address)s.")
    values = {"email": order.email, "address": address}
    missing = gettext(
        "The shop profile has no address. The customer is not told where to send the "
        "items: enter it first, or write it below."
    )
    return Preview(
        [expect, how % values if address else _mail(order), *_no_money()],
        [] if address else [missing],
    )


def preview_refusal(returned: Return) -> Preview:
    """Preview refusing it."""
    text = gettext("Will refuse the return. The customer keeps the items.")
    return Preview([text, _mail(returned.order)], [])


def preview_withdrawal() -> Preview:
    """Preview ending a return whose parcel does not come."""
    text = gettext("Will end the return. The items can be returned later.")
    return Preview([text], [])


def preview_arrival(returned: Return) -> Preview:
    """Preview recording the parcel and what became of its units."""
    goods = write_goods(
        sorted((row.goods.sku, row.quantity) for row in returned.lines.all())
    )
    effects = [
        gettext("Was to contain %(goods)s.") % {"goods": goods},
        gettext(
            "Will put units for sale into stock. Scrapped units are only in the ledger."
        ),
        _mail(returned.order),
        *_no_money(),
    ]
    return Preview(effects, [])


def preview_exchange(returned: Return) -> Preview:
    """Preview sending kept units again; warn if the stock lacks some."""
    units = kept_units(returned)
    free = free_by_sku(units)
    goods = write_goods(sorted(units.items()))
    take = gettext("Will take %(goods)s from stock, to be sent at no charge.")
    pick_up = gettext("Will take %(goods)s from stock, to be picked up at no charge.")
    text = pick_up if returned.order.is_pickup else take
    effects = [
        text % {"goods": goods or gettext("no items")},
        gettext("The price of units that you do not send again can be refunded."),
        _mail(returned.order),
        *_no_money(),
    ]
    lacking = gettext("%(sku)s: only %(free)d are free.")
    return Preview(
        effects,
        [
            lacking % {"sku": sku, "free": free.get(sku, 0)}
            for sku, count in sorted(units.items())
            if free.get(sku, 0) < count
        ],
    )


def preview_sending(returned: Return) -> Preview:
    """Preview recording that the exchange left, or was handed over."""
    text = gettext("Will record that the parcel left. Still to send: %(goods)s.")
    if returned.order.is_pickup:
        text = gettext("Will record that the customer has the items: %(goods)s.")
    rest = gettext("With the last unit the return is settled.")
    if returned.has_rest:
        rest = gettext("Other units are not settled: refund them afterwards.")
    effects = [text % {"goods": _sent_again(returned)}, rest, _mail(returned.order)]
    return Preview(effects, [])


def preview_readiness(returned: Return) -> Preview:
    """Preview that the exchange lies ready at its place."""
    text = gettext("Will record that %(goods)s lie ready at %(place)s.")
    values = {"goods": _sent_again(returned), "place": returned.order.pickup_place}
    return Preview([text % values, _mail(returned.order)], [])


def preview_dropping(returned: Return) -> Preview:
    """Preview sending nothing after all."""
    text = gettext("Will put %(goods)s back into stock.")
    asked = gettext("Will ask the warehouse first to send nothing.")
    is_there = hasattr(returned.exchange, "at_warehouse")
    back = text % {"goods": _sent_again(returned)}
    left = gettext("What has left stays sent.")
    has_left = returned.exchange is not None and returned.exchange.parcel_count > 0
    effects = [*([asked] if is_there else []), back, *([left] if has_left else [])]
    return Preview([*effects, *_no_money()], [])


def preview_closing(returned: Return) -> Preview:
    """Preview settling a return without a refund."""
    text = gettext("Will settle the return without a refund.")
    return Preview([text, _mail(returned.order)], [])


def _sent_again(returned: Return) -> str:
    if returned.exchange is None:
        return gettext("no items")
    return write_goods(sorted(by_sku(due_again(exchange_of(returned))).items()))


def _mail(order: Order) -> str:
    return gettext("Will send one mail to %(email)s.") % {"email": order.email}


def _no_money() -> list[str]:
    return [gettext("Will not refund anything: a person does that afterwards.")]
