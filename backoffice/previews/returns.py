"""Preview what a member of staff does with a return."""

from django.utils.translation import gettext

from backoffice.previews.preview import Preview
from backoffice.wording import write_goods
from orders.models import Return


def preview_registration() -> Preview:
    """Preview recording a return without a request of the customer."""
    return Preview([*_expect(), *_no_money()], [])


def preview_approval() -> Preview:
    """Preview allowing what the customer asked for."""
    return Preview([*_expect(), *_no_money()], [])


def preview_refusal() -> Preview:
    """Preview refusing it."""
    text = gettext("Will refuse the return. The customer keeps the items.")
    return Preview([text], [])


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
        *_no_money(),
    ]
    return Preview(effects, [])


def preview_closing() -> Preview:
    """Preview settling a return without a refund."""
    return Preview([gettext("Will settle the return without a refund.")], [])


def _expect() -> list[str]:
    return [gettext("Will expect the parcel. The stock changes when it arrives.")]


def _no_money() -> list[str]:
    return [gettext("Will not refund anything: a person does that afterwards.")]
