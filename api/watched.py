"""What an open subscription shows."""

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    ORDER = "order"
    STOCK = "stock"


@dataclass(frozen=True)
class Watched:
    """What a subscription shows. ``key``: an order's key, or a SKU.

    ``mark`` changes whenever what is shown may; ``sequence`` is what was sent last.
    """

    kind: Kind
    key: int | str
    mark: object
    sequence: int = 0
    is_final: bool = False
