"""Plots of a report as bars, drawn on the server."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from checkout.accounting.sales import Figures
from shop.formatting import price
from shop.money import Money

# The drawing's own units.
WIDTH, HEIGHT = 720, 160
_MOST_BARS = 400


@dataclass(frozen=True)
class Bar:
    """One bar from the zero line; ``text`` describes it."""

    x: float
    y: float
    width: float
    height: float
    text: str
    is_negative: bool = False


@dataclass(frozen=True)
class Plot:
    title: str
    description: str
    bars: tuple[Bar, ...]
    zero: float
    most: str
    first: str
    last: str
    span: str = f"0 0 {WIDTH} {HEIGHT}"


def draw(rows: Sequence[Figures], title: str) -> list[Plot]:
    """Return a plot of the net amounts for each currency; none for no rows."""
    currencies = sorted({row.currency for row in rows})
    plots = []
    for currency in currencies:
        mine = [row for row in rows if row.currency == currency][:_MOST_BARS]
        if any(row.net for row in mine):
            plots.append(_plot(mine, title, currency))
    return plots


def _plot(rows: Sequence[Figures], title: str, currency: str) -> Plot:
    top = max(0, *(row.net for row in rows))
    bottom = min(0, *(row.net for row in rows))
    scale = (HEIGHT - 2) / (top - bottom)
    zero = 1 + top * scale
    step = WIDTH / len(rows)
    bars = tuple(
        Bar(
            x=round(at * step + step * 0.1, 2),
            y=round(zero - max(row.net, 0) * scale, 2),
            width=round(step * 0.8, 2),
            height=round(abs(row.net) * scale, 2),
            text=f"{row.name}: {price(Money(row.net, currency))}",
            is_negative=row.net < 0,
        )
        for at, row in enumerate(rows)
    )
    best = max(rows, key=lambda row: row.net)
    description = gettext("From %(first)s to %(last)s. Most: %(name)s with %(amount)s.")
    return Plot(
        title=f"{title} ({currency})",
        description=description
        % {
            "first": rows[0].name,
            "last": rows[-1].name,
            "name": best.name,
            "amount": price(Money(best.net, currency)),
        },
        bars=bars,
        zero=round(zero, 2),
        most=price(Money(top, currency)),
        first=rows[0].name,
        last=rows[-1].name,
    )
