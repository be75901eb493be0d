"""What a page shows of shipping whose visitor is not known."""

from dataclasses import dataclass

from django.conf import settings

from checkout.shipping.offers import Goods, Offer, offers
from shop.money import Money


@dataclass(frozen=True)
class Usual:
    """What is offered to everybody.

    ``offer`` is the first method, ``varies`` whether it takes longer to some zones.
    ``pickup`` is the first place at which goods can be picked up.
    """

    offer: Offer | None
    varies: bool
    pickup: Offer | None


def usual_offer() -> Usual:
    """Return what is offered to everybody, in the active language."""
    offered = offers(Goods(Money(0, settings.CURRENCY)), None)
    offer = next(iter(offered), None)
    pickup = next((one for one in offered if one.place), None)
    if offer is None:
        return Usual(None, varies=False, pickup=None)
    varies = offer.method.varies and not offer.place
    return Usual(offer, varies, pickup)


def free_shipping_from() -> Money | None:
    """Return from which amount the first method is free; None: never."""
    offer = usual_offer().offer
    return offer.free_from if offer else None
