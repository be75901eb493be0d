"""Which of the offered shipping methods counts, and what it costs elsewhere."""

from collections.abc import Iterable, Mapping

from checkout.shipping.offers import Goods, Offer, offers
from shop.catalogue.models import Variant
from shop.money import Money


def choose(
    offered: Iterable[Offer], method_id: int | None, place_id: int | None = None
) -> Offer | None:
    """Return the chosen offer if it can be had, else the first one that can."""
    possible = [offer for offer in offered if not offer.refusal]
    chosen = (
        offer
        for offer in possible
        if offer.method.id == method_id and offer.place_id == place_id
    )
    return next(chosen, possible[0] if possible else None)


def shipping_to(
    prefecture: str, subtotal: Money, units: Mapping[str, int], method: str
) -> Offer | None:
    """Return what it costs now to send ``units`` (by SKU) there, in Japan, that way.

    ``method`` is its name, in any language; of one that is unknown, the first that can
    be had. None if the shop has no method.
    """
    weights = Variant.objects.filter(sku__in=units).values_list("sku", "weight_grams")
    grams = sum(units[sku] * weight for sku, weight in weights)
    offered = offers(Goods(subtotal, grams), prefecture)
    same = (one for one in offered if method in one.method.names.values())
    return next(same, choose(offered, None))
