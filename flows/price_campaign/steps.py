"""What the steps of a price campaign do.

The shop's own fields decide to the moment which price counts (docs/adr/0056), so the
prices are set when the campaign is started and not when it begins: no worker that is
late sells at a wrong price. The flow refuses sales that would meet, waits, and takes
the fields back.
"""

from django.db.models import Q

from flows.price_campaign.models import CampaignPrice, PriceCampaign
from flows.services import about_of
from saga.errors import Abort, Retry
from saga.results import Wait
from saga.step import Context
from shop import database_clock
from shop.catalogue.models import Product, Variant
from shop.catalogue.price_history import record_prices

_CLEARED = {"sale_minor": None, "sale_from": None, "sale_until": None}


def campaign_of(context: Context) -> PriceCampaign:
    return PriceCampaign.objects.get(pk=int(about_of(context)))


def set_prices(context: Context) -> dict[str, int]:
    """Set the sale price of each variant. Aborts if one has another sale."""
    campaign = campaign_of(context)
    now = database_clock.read()
    variants = list(_variants(campaign))
    taken = [
        variant.sku
        for variant in variants
        if variant.sale_minor is not None
        and (variant.sale_until is None or variant.sale_until > now)
    ]
    if taken:
        message = f"these have another sale: {', '.join(taken[:10])}"
        raise Abort(message, "other sale")
    prices = [
        CampaignPrice(
            campaign=campaign,
            sku=variant.sku,
            price_minor=variant.price_minor,
            sale_minor=variant.price_minor * (100 - campaign.percent) // 100,
        )
        for variant in variants
    ]
    prices = [price for price in prices if 0 < price.sale_minor < price.price_minor]
    if not prices:
        message = "nothing would be reduced: choose products with a price"
        raise Abort(message, "nothing chosen")
    CampaignPrice.objects.bulk_create(prices)
    by_sku = {price.sku: price.sale_minor for price in prices}
    for variant in variants:
        if variant.sku in by_sku:
            _reduce(variant, by_sku[variant.sku], campaign)
    _record(campaign, [variant.product_id for variant in variants])
    return {"variants": len(prices)}


def _reduce(variant: Variant, sale_minor: int, campaign: PriceCampaign) -> None:
    """Set the sale, guarded by what was read: somebody may have set one meanwhile."""
    terms = ("price_minor", "sale_minor", "sale_from", "sale_until")
    as_read = {name: getattr(variant, name) for name in terms}
    rows = Variant.objects.filter(pk=variant.pk, **as_read)
    if not rows.update(
        sale_minor=sale_minor,
        sale_from=campaign.begins_at,
        sale_until=campaign.ends_at,
    ):
        message = f"the price of {variant.sku} was changed meanwhile"
        raise Retry(message)


def take_back_prices(context: Context) -> dict[str, int]:
    """Take the sale prices back, where they are still those of the campaign.

    What staff changed since stays as they left it. Twice is once.
    """
    campaign = campaign_of(context)
    products: set[int] = set()
    taken = 0
    for price in campaign.prices.all():
        rows = Variant.objects.filter(
            sku=price.sku,
            sale_minor=price.sale_minor,
            sale_from=campaign.begins_at,
            sale_until=campaign.ends_at,
        )
        products.update(rows.values_list("product_id", flat=True))
        taken += rows.update(**_CLEARED)
    _record(campaign, list(products))
    return {"variants": taken}


def forget_prices(context: Context) -> dict[str, int]:
    """Undo: take the prices back, and forget what they were."""
    taken = take_back_prices(context)
    campaign_of(context).prices.all().delete()
    return taken


def await_beginning(context: Context) -> Wait | None:
    begins_at = campaign_of(context).begins_at
    now = database_clock.read()
    return Wait(begins_at, "beginning") if now < begins_at else None


def await_end(context: Context) -> Wait | None:
    ends_at = campaign_of(context).ends_at
    return Wait(ends_at, "end") if database_clock.read() < ends_at else None


def _variants(campaign: PriceCampaign) -> list[Variant]:
    chosen = Q(product__in=campaign.products.all())
    chosen |= Q(product__category__in=campaign.categories.all())
    return list(Variant.objects.filter(chosen).order_by("sku").distinct())


def _record(campaign: PriceCampaign, products: list[int]) -> None:
    for product in Product.objects.filter(pk__in=products):
        record_prices(product, campaign.started_by)
