"""Refusals about what is sent again for a return. Nothing was changed."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext

from orders.errors import ReturnRefused

if TYPE_CHECKING:
    from orders.models.exchange import Exchange
    from orders.models.returns import Return


class NothingToExchange(ReturnRefused):
    """The shop kept nothing of the return, so nothing is sent again."""

    def __init__(self, returned: "Return") -> None:
        super().__init__(f"return {returned.pk}: nothing was kept")
        self.returned = returned
        self.sentence = gettext("Nothing of it was kept, so nothing can be sent again.")


class TooManyExchanged(ReturnRefused):
    """More units of a line are to be sent again than the shop kept of it."""

    def __init__(self, sku: str, kept: int) -> None:
        super().__init__(f"{sku}: no more than {kept} can be sent again")
        self.sku = sku
        self.kept = kept
        self.sentence = gettext("No more than %(count)d of %(sku)s can be sent again.")
        self.sentence %= {"count": kept, "sku": sku}


class NotDueAgain(ReturnRefused):
    """More units of an article are sent again than are left to be sent, or none."""

    def __init__(self, number: str, sku: str = "", left: int = 0) -> None:
        super().__init__(f"{number}: {left} of {sku or 'anything'} are to be sent")
        self.sku = sku
        self.left = left
        text = gettext("Say which items are in the parcel.")
        if sku:
            text = gettext("%(sku)s: only %(count)d are still to be sent.")
        self.sentence = text % {"sku": sku, "count": left}


class ExchangeMoved(ReturnRefused):
    """The exchange was sent or dropped meanwhile; it shows its state now."""

    def __init__(self, exchange: "Exchange") -> None:
        super().__init__(f"exchange {exchange.number} is {exchange.status} meanwhile")
        self.exchange = exchange
        self.sentence = gettext(
            "%(number)s was changed meanwhile. It is now: %(state)s."
        ) % {"number": exchange.number, "state": exchange.get_status_display()}
