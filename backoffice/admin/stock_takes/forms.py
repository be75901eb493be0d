"""Read the counts that a sheet sends: one field for each SKU, empty if not counted."""

import re
from collections.abc import Mapping

from flows.stock_take.models import StockTake
from shop.text.typed import fold_digits

MOST = 1_000_000
_DIGITS = re.compile("[0-9]{1,7}")


def read_counts(
    take: StockTake, sent: Mapping[str, str]
) -> tuple[dict[str, int], list[str]]:
    """Return SKU -> units of the fields filled in, and the SKUs of unusable ones."""
    counted, wrong = {}, []
    for count in take.counts.filter(is_open=True):
        typed = fold_digits(sent.get(f"count-{count.pk}", "")).strip()
        if not typed:
            continue
        if _DIGITS.fullmatch(typed) and int(typed) <= MOST:
            counted[count.sku] = int(typed)
        else:
            wrong.append(count.sku)
    return counted, wrong
