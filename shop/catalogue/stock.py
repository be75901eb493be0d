"""Units per SKU, from the functions that the settings name.

Pages of the catalogue show units in stock, but the catalogue is below inventory and
must not import it. ``settings.CATALOGUE_STOCK`` is the dotted path of a function that
takes SKUs and returns SKU -> free units, ``settings.CATALOGUE_COUNTS`` that of one that
returns SKU -> units on hand, and free ones. A SKU that is missing there has none.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string


def free_by_sku(skus: Iterable[str]) -> Mapping[str, int]:
    ask = cast(
        "Callable[[list[str]], Mapping[str, int]]",
        import_string(settings.CATALOGUE_STOCK),
    )
    return ask(list(skus))


def counts_by_sku(skus: Iterable[str]) -> Mapping[str, tuple[int, int]]:
    """Return SKU -> units on hand, and free ones."""
    ask = cast(
        "Callable[[list[str]], Mapping[str, tuple[int, int]]]",
        import_string(settings.CATALOGUE_COUNTS),
    )
    return ask(list(skus))
