"""Free units per SKU, from the function that the settings name.

The pages of the catalogue show free units, but the catalogue is below inventory and
must not import it. ``settings.CATALOGUE_STOCK`` is the dotted path of a function that
takes SKUs and returns SKU -> free units. A SKU that is missing there has none.
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
