"""Why an order was not placed, and what the customer can do."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from checkout.cart.quotes import Quote
from shop.money import Money


class CartEmpty(Exception):
    """There is nothing to order; go back to the catalogue."""

    @property
    def sentence(self) -> str:
        """Return the sentence for the customer, in the active language."""
        return _("Your cart is empty.")


class InformationMissing(Exception):
    """Contact and address are not known yet; go back to the information page."""

    @property
    def sentence(self) -> str:
        """Return what the customer has to do first, in the active language."""
        return _("Enter your contact details and choose how we send your items.")


class CardMissing(Exception):
    """The card form was not filled in; nothing was tried or written."""

    @property
    def sentence(self) -> str:
        """Return what the customer has to do first, in the active language."""
        return _("Fill in the card form. It needs JavaScript.")


class QuoteChanged(Exception):
    """A price or the stock changed since the customer saw it; show it again."""

    @property
    def sentence(self) -> str:
        """Return what happened and what the customer can do, in the active language."""
        return _(
            "Something in your order has changed since you looked. Nothing was ordered "
            "or charged. Please check it again."
        )


class ConfirmationOutdated(QuoteChanged):
    """What was confirmed is not what ``quote`` says now. Nothing was written.

    ``seen_total`` (minor units; None: not known) and ``seen_days`` are what the
    customer saw.
    """

    def __init__(self, quote: Quote, seen_total: int | None, seen_days: str) -> None:
        super().__init__(f"{seen_total} was confirmed, it is {quote.total} now")
        self.quote = quote
        self.seen_total = seen_total
        self.seen_days = seen_days

    @property
    def sentence(self) -> str:
        """Return what changed, as far as it is known, in the active language."""
        total, seen = self.quote.total, self.seen_total
        days = self.quote.promise.days if self.quote.promise else ""
        if seen == total.minor and days and self.seen_days not in ("", days):
            return _(
                "The delivery date has changed from %(before)s to %(now)s since you "
                "looked. Nothing was ordered or charged. Please check it again."
            ) % {"before": self.seen_days, "now": days}
        if seen is None or seen == total.minor:
            return super().sentence
        language = get_language() or "en"
        return _(
            "The amount has changed from %(before)s to %(now)s since you looked. "
            "Nothing was ordered or charged. Please check it again."
        ) % {
            "before": Money(seen, total.currency).format(language),
            "now": total.format(language),
        }


class TooManyUnpaid(Exception):
    """The customer's address has as many unpaid orders as it may have."""

    def __init__(self, email: str, most: int) -> None:
        super().__init__(f"{most} orders of one mail address are unpaid")
        self.email = email
        self.most = most

    @property
    def sentence(self) -> str:
        """Return what happened and what the customer can do, in the active language."""
        return _(
            "%(most)s orders for your email address are not paid yet, so this one was "
            "not placed and nothing was charged. Please pay those first; their links "
            "are in our mails to you. Unpaid orders are cancelled by themselves."
        ) % {"most": self.most}


class SoldOut(Exception):
    """Orders that were placed a moment ago take the last units of these articles."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"sold out a moment ago: {names}")
        self.names = names

    @property
    def sentence(self) -> str:
        """Return what happened and what the customer can do, in the active language."""
        return _(
            "Sold out: other customers ordered the last ones a moment ago (%(names)s). "
            "Your order was not placed, and nothing was charged."
        ) % {"names": ", ".join(self.names)}
