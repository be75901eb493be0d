"""The provider's own page of one payment, for browsers without the card form.

At Stripe this is a Checkout Session. https://docs.stripe.com/api/checkout/sessions
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from shop.countries import JAPAN

# In place of a card's token: the customer asks for such a page.
ON_PAGE = "payment_page"


class PageStatus(Enum):
    """The status of a page, by Stripe's names. Only an open one takes a card."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True)
class ProviderPage:
    """One page. ``url`` is empty unless it is open.

    ``intent_id``: the intent of the cards that were tried there, empty before the first
    one.
    """

    id: str
    status: PageStatus
    url: str
    intent_id: str
    expires_at: datetime


@dataclass(frozen=True)
class PageRequest:
    """What a page is opened for. ``amount`` in minor units.

    ``order`` is its uid, ``label`` what its customer reads, ``email`` may be empty.
    """

    order: str
    label: str
    amount: int
    currency: str
    email: str
    language: str
    expires_at: datetime
    success_url: str
    back_url: str
    country: str = JAPAN


class PaymentPages(Protocol):
    """The part of a Gateway that is about such pages."""

    def open_page(self, request: PageRequest, key: str) -> ProviderPage:
        """Open a page. Nobody can pay there before its address is known.

        A card will wait for its capture, as with ``create``.
        """

    def read_page(self, page_id: str) -> ProviderPage:
        """Read the page's present state."""

    def close_page(self, page_id: str, key: str) -> ProviderPage:
        """Close an open page: nobody can pay there any more.

        Raises Refused for one that is complete or closed already.
        """
