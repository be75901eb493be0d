"""The radios of a product's page: one group for each option, the last one of variants.

A variant of two options is found in two steps. Each value of the first option has a
group of its own beneath it, so each radio of the last group is one variant, with its
own stock and price. The groups have fields of their own, and only the chosen path
counts (``sku_of``): no script is needed to hide, reset or combine anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from shop.catalogue.models import OptionValue, Shown
from shop.catalogue.selectors import Offer

FIRST = "pick"


@dataclass(frozen=True)
class Choice:
    """One radio: a variant (``offer``), or a value with the group beneath it."""

    value: str
    label: str
    picture: Shown | None
    free: int
    is_chosen: bool
    offer: Offer | None = None
    inner: "Group | None" = None


@dataclass(frozen=True)
class Group:
    """The radios of one field."""

    name: str
    legend: str
    choices: list[Choice]


def group_of(offers: Sequence[Offer]) -> Group:
    """Return the choice among a product's offers.

    If they have different options (none that the form of the admin lets through), it is
    a list of all of them by their names.
    """
    options = [[value.option_id for value in o.variant.values] for o in offers]
    if not options[0] or any(one != other for one, other in pairwise(options)):
        choices = [_leaf(offer, offer.variant.label, offers) for offer in offers]
        return Group("sku", _("Choose one"), choices)
    name = FIRST if len(options[0]) > 1 else "sku"
    return _group(offers, 0, name)


def sku_of(sent: Mapping[str, str]) -> str:
    """Return the SKU that was chosen in the form of a product's page, or ""."""
    name, value = FIRST, sent.get(FIRST, "")
    while f"{name}-{value}" in sent:
        name = f"{name}-{value}"
        value = sent[name]
    return value or sent.get("sku", "")


def _group(offers: Sequence[Offer], level: int, name: str) -> Group:
    legend = _value(offers[0], level).option.name
    if level + 1 == len(offers[0].variant.values):
        return Group(
            name,
            legend,
            [_leaf(offer, _value(offer, level).name, offers) for offer in offers],
        )
    by_value: dict[int, list[Offer]] = {}
    for offer in offers:
        by_value.setdefault(_value(offer, level).pk, []).append(offer)
    first = next((o for o in offers if o.free > 0), None)
    choices = [
        Choice(
            value=str(pk),
            label=_value(found[0], level).name,
            picture=_picture(found[0]),
            free=sum(max(offer.free, 0) for offer in found),
            is_chosen=first in found,
            inner=_group(found, level + 1, f"{name}-{pk}"),
        )
        for pk, found in by_value.items()
    ]
    return Group(name, legend, choices)


def _leaf(offer: Offer, label: str, offers: Sequence[Offer]) -> Choice:
    first = next((o for o in offers if o.free > 0), None)
    # Beneath a value whose variants show one picture, the value shows it.
    pictures = {o.variant.picture_id for o in offers}
    return Choice(
        value=offer.variant.sku,
        label=label,
        picture=_picture(offer) if len(pictures) > 1 else None,
        free=offer.free,
        is_chosen=offer is first,
        offer=offer,
    )


def _picture(offer: Offer) -> Shown | None:
    return offer.variant.picture.shown if offer.variant.picture else None


def _value(offer: Offer, level: int) -> OptionValue:
    return offer.variant.values[level]
