"""Articles that can be sent instead of missing ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from checkout.aftersales.shortages.services import missing, units_instead
from checkout.cart.tax import price_abroad
from checkout.shipping.countries import terms_of
from inventory.selectors import free_by_sku, with_free
from orders.models import Order, Shortage, ShortageLine, Substitute
from orders.parcels import Instead
from shop.catalogue.models import Variant, in_language
from shop.money import Money


@dataclass(frozen=True)
class Candidate:
    """A variant on sale, what it costs this customer, and its free units."""

    variant: Variant
    unit: Money
    free: int


def candidates(row: ShortageLine) -> dict[str, Candidate]:
    """Return SKU -> what could replace the missing units of ``row``.

    They are on sale in the order's currency and have enough free units. Other variants
    of the same product come first.
    """
    gone = [each.goods.sku for each in missing(row.shortage)]
    rows = (
        Variant.objects.on_sale()
        .priced()
        .filter(currency=row.shortage.currency, sku__in=with_free(row.quantity))
    )
    found = list(rows.exclude(sku__in=gone).select_related("product"))
    known = Variant.objects.filter(sku=row.goods.sku).first()
    product = known.product_id if known else None
    found.sort(key=lambda each: (each.product_id != product, each.sku))
    free = free_by_sku([variant.sku for variant in found])
    order = row.shortage.order
    return {
        each.sku: Candidate(each, _price(each, order), free.get(each.sku, 0))
        for each in found
    }


def chosen(chosen_by_row: Mapping[ShortageLine, Variant]) -> list[Instead]:
    """Return substitutes as the order stores them, named in the customer's language."""
    return [
        Instead(
            row=row,
            sku=variant.sku,
            name=in_language(variant.product, "name", row.shortage.order.language),
            variant=in_language(variant, "label", row.shortage.order.language),
            unit_minor=_price(variant, row.shortage.order).minor,
        )
        for row, variant in chosen_by_row.items()
    ]


def offered(shortage: Shortage) -> list[Instead]:
    """Return what staff offered the customer if all of it is still free, else []."""
    rows = Substitute.objects.filter(place__shortage=shortage)
    by_row = {each.place_id: each for each in rows}
    wanted = missing(shortage)
    if not wanted or any(row.pk not in by_row for row in wanted):
        return []
    instead = [_as_offered(row, by_row[row.pk]) for row in wanted]
    units = units_instead(instead)
    free = free_by_sku(units)
    is_there = all(free.get(sku, 0) >= quantity for sku, quantity in units.items())
    return instead if is_there else []


def _as_offered(row: ShortageLine, offer: Substitute) -> Instead:
    """Keep the price of the day of the offer, which the customer has read."""
    return Instead(row, offer.sku, offer.name, offer.variant, offer.unit_minor)


def _price(variant: Variant, order: Order) -> Money:
    """Return the price as the order's own goods have theirs, abroad with its tax."""
    if not order.is_abroad:
        return variant.price
    terms = terms_of(order.country)
    if not order.tax_name:
        terms = replace(terms, tax=None)
    return price_abroad(terms, variant.price, variant.product.tax_rate)
