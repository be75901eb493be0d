"""A paper as values: all its texts in its language, ready to be drawn.

The page to print and the PDF are drawn from the same ``Document``.
"""

from dataclasses import dataclass

from shop.formatting import Wording


@dataclass(frozen=True)
class Fact:
    """A label and its value, such as "Order" and its number."""

    label: Wording
    value: str


@dataclass(frozen=True)
class Line:
    """One row of the table. Prices are empty on papers without prices.

    ``detail`` stands below the name.
    """

    name: str
    quantity: int
    sku: str = ""
    detail: str = ""
    unit: str = ""
    total: str = ""


@dataclass(frozen=True)
class Document:
    """One paper. ``amounts``: sums below the table; the last one is the total.

    ``large``: the amount that a receipt shows in large digits. ``stamp``: a word in a
    frame, such as the mark of a copy.
    """

    language: str
    title: Wording
    number: str
    facts: tuple[Fact, ...]
    seller: tuple[str, ...]
    addressee: tuple[str, ...]
    lines: tuple[Line, ...]
    columns: tuple[Wording, ...]
    amounts: tuple[Fact, ...] = ()
    taxes: tuple[Fact, ...] = ()
    notes: tuple[Wording, ...] = ()
    lead: Wording = ""
    large: str = ""
    stamp: Wording = ""

    @property
    def has_prices(self) -> bool:
        return any(line.total for line in self.lines)
