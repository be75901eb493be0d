"""Free units per SKU, from whomever the wiring names.

The catalogue sits below inventory and may not import it, yet its pages show what is
left. ``settings.CATALOGUE_STOCK`` is the dotted path of a function that takes SKUs and
returns SKU -> free units; a SKU it leaves out has none.
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
