"""Preview what a member of staff does with a return."""

from django.utils.translation import gettext

from backoffice.previews.preview import Preview
from backoffice.wording import write_goods
from checkout.aftersales.returns.exchanges import units_to_send
from inventory.selectors import free_by_sku
from orders.models import Order, Return
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
    """Preview sending the kept units again; warn if the stock lacks some."""
    units = units_to_send(returned)
    free = free_by_sku(units)
    goods = write_goods(sorted(units.items()))
    take = gettext("Will take %(goods)s from stock, to be sent at no charge.")
    effects = [
        take % {"goods": goods or gettext("no items")},
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
    """Preview recording that the exchange left."""
    goods = write_goods(sorted(units_to_send(returned).items()))
    text = gettext("Will record that %(goods)s left, and settle the return.")
    return Preview([text % {"goods": goods}, _mail(returned.order)], [])


def preview_dropping(returned: Return) -> Preview:
    """Preview sending nothing after all."""
    goods = write_goods(sorted(units_to_send(returned).items()))
    text = gettext("Will put %(goods)s back into stock.")
    return Preview([text % {"goods": goods}, *_no_money()], [])


def preview_closing(returned: Return) -> Preview:
    """Preview settling a return without a refund."""
    text = gettext("Will settle the return without a refund.")
    return Preview([text, _mail(returned.order)], [])


def _mail(order: Order) -> str:
    return gettext("Will send one mail to %(email)s.") % {"email": order.email}


def _no_money() -> list[str]:
    return [gettext("Will not refund anything: a person does that afterwards.")]
