"""Why a paper is not issued. Each error has its sentence for people."""

from django.utils.translation import gettext as _


class NotIssuable(Exception):
    """The paper cannot be issued. Nothing was recorded."""

    @property
    def sentence(self) -> str:
        return _("This paper cannot be issued.")


class NothingPaid(NotIssuable):
    """Nothing was charged, or nothing of the charge is left."""

    @property
    def sentence(self) -> str:
        return _("There is no payment for which this paper could be issued.")


class NotRegistered(NotIssuable):
    """The seller has no registration number for qualified invoices."""

    @property
    def sentence(self) -> str:
        return _("This shop issues receipts, but no qualified invoices.")


class NotTaxedInJapan(NotIssuable):
    """An export has no consumption tax that an invoice could show."""

    @property
    def sentence(self) -> str:
        return _(
            "Qualified invoices are for what is taxed in Japan. This order was sent "
            "abroad, free of Japanese tax: the receipt says so."
        )


class NotRefunded(NotIssuable):
    """The refund has not been made."""

    @property
    def sentence(self) -> str:
        return _("A credit note is issued once the money is refunded.")
