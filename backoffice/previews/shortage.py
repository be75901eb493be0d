"""Preview reporting and deciding a shortage."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext

from backoffice.previews.preview import Preview
from backoffice.wording import write_goods
from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.shortages.links import LINK_LASTS
from inventory.selectors import free_by_sku
from orders.models import Order, Shortage
from orders.parcels import Instead, by_sku, due
from shop.formatting import price
from shop.money import Money

Choice = Shortage.Choice


def preview_report() -> Preview:
    """Preview reporting missing goods; it is the same for all goods."""
    effects = [
        gettext("Will keep the parcel here until it is decided what to do."),
        gettext("Will take what is missing off the count, in the stock's ledger."),
        gettext("Will not touch the payment, and send no mail."),
    ]
    return Preview(effects, [])


def preview_question(shortage: Shortage) -> Preview:
    """Preview asking the customer."""
    days = {"days": LINK_LASTS.days}
    effects = [
        _mail(shortage.order),
        gettext(
            "The link in it lets the customer choose once, within %(days)d days: to "
            "wait, if a day is known, to take what you offer instead, to get the rest, "
            "or to get everything refunded."
        )
        % days,
        gettext("Will refund nothing: what they choose waits for a member of staff."),
        gettext(
            "Will set nothing aside: what you offer can be had as long as it is free."
        ),
    ]
    return Preview(effects, [])


def preview_choice(
    shortage: Shortage, choice: Choice, instead: Sequence[Instead] = ()
) -> Preview:
    """Preview a decision. Writes nothing.

    ``instead`` are the substitutes, if they are chosen already.
    """
    match choice:
        case Choice.SUBSTITUTE:
            effects = _of_substitutes(shortage, instead)
        case Choice.WAIT:
            effects = [
                gettext("Will keep the parcel here until the goods have come."),
                gettext("Will tell the customer until when, by one mail."),
                gettext("Will not touch the payment."),
            ]
        case Choice.PART:
            effects = [
                _rest(shortage),
                _promise(shortages.refund_for(shortage, choice)),
                _mail(shortage.order),
            ]
        case _:
            effects = [
                gettext("Will call the parcel off: nothing is shipped, for good."),
                *_back_to_stock(shortage),
                _promise(shortages.refund_for(shortage, choice)),
                _mail(shortage.order),
            ]
    return Preview(effects, [])


def preview_arrival(shortage: Shortage) -> Preview:
    """Preview taking the awaited goods from stock."""
    units = shortages.units_of(shortage)
    effects = [
        gettext("Will take %(goods)s from stock.")
        % {"goods": write_goods(sorted(units.items()))},
        gettext("Will let the whole order be shipped."),
        gettext("Will not touch the payment, and send no mail."),
    ]
    free = free_by_sku(units)
    text = gettext("%(sku)s: only %(free)d are free. Receive the goods first.")
    short = [
        text % {"sku": sku, "free": free.get(sku, 0)}
        for sku, quantity in sorted(units.items())
        if free.get(sku, 0) < quantity
    ]
    return Preview(effects, short)


def preview_drop(shortage: Shortage) -> Preview:
    """Preview dropping a promised refund."""
    text = gettext("Will take back the promise of %(amount)s: they are owed no more.")
    effects = [
        text % {"amount": price(shortage.owed)},
        gettext("Will not touch the payment, and send no mail."),
    ]
    warning = gettext("The customer was told of the refund: write to them yourself.")
    return Preview(effects, [warning])


def day(when: date) -> str:
    return date_format(when, "SHORT_DATE_FORMAT")


def _rest(shortage: Shortage) -> str:
    rest = by_sku(due(shortage.order))
    if not rest:
        return gettext("Will send nothing more: all that was there has left.")
    text = gettext("Will let %(goods)s be shipped now.")
    return text % {"goods": write_goods(sorted(rest.items()))}


def _back_to_stock(shortage: Shortage) -> list[str]:
    rest = by_sku(due(shortage.order))
    if not rest:
        return []
    text = gettext("Will put %(goods)s, which are there, back into stock.")
    return [text % {"goods": write_goods(sorted(rest.items()))}]


def _of_substitutes(shortage: Shortage, instead: Sequence[Instead]) -> list[str]:
    if not instead:
        return [
            gettext("Asks what is sent in place of each missing article."),
            gettext("Will charge nothing more, whatever it costs."),
            gettext("Does nothing before you have seen what it comes to."),
        ]
    values = {
        "goods": write_goods(sorted(shortages.units_instead(instead).items())),
        "missing": write_goods(sorted(shortages.units_of(shortage).items())),
    }
    text = gettext("Will take %(goods)s from stock, in place of %(missing)s.")
    return [
        text % values,
        gettext("Will let the whole order be shipped."),
        *_difference(shortage, instead),
        _mail(shortage.order),
    ]


def _difference(shortage: Shortage, instead: Sequence[Instead]) -> list[str]:
    """Say who bears the difference in price between substitutes and missing goods."""
    lines = []
    dearer = sum(each.borne_minor for each in instead)
    if dearer:
        text = gettext("Will charge nothing more: the shop bears %(amount)s.")
        amount = {"amount": price(Money(dearer, shortage.currency))}
        lines.append(text % amount)
    if any(each.paid_minor < each.row.paid_minor for each in instead):
        refund = shortages.refund_for(shortage, Choice.SUBSTITUTE, instead)
        lines.append(_promise(refund))
    return lines or [gettext("Will not touch the payment.")]


def _promise(amount: Money) -> str:
    if not amount:
        return gettext("Nothing is left that could be refunded.")
    text = gettext(
        "Will refund nothing yet: %(amount)s wait for a member of staff to give "
        "them back."
    )
    return text % {"amount": price(amount)}


def _mail(order: Order) -> str:
    text = gettext("Will send one mail to %(email)s.")
    return text % {"email": order.email}
