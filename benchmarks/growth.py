"""What grows with the number of orders: pages, placing an order, the sweeper.

``python -m benchmarks.growth [PAGES]``; part of ``make bench``. Three databases hold
1,000, 100,000 and 1,000,000 orders of 10,000 products, and as much work that is open.
Every page is asked in all of them, in turns. The bar holds for the fastest request of
the largest beside that of the smallest; a page that seems to grow is asked more often,
because a busy machine can only make it slower. Run alone it prints all pages, slowest
growth last.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.processes import broker, configure
from benchmarks.report import Row, is_short, show
from tests.support import postgres

DATABASES = ("sqlite", "postgresql")
BAR = 1.3
PLACING_STATEMENTS = 12
PLACING_MS = 10.0
# Below this a difference is the machine's, whatever the ratio. Milliseconds.
SMALLEST = 0.5


@dataclass(frozen=True)
class Scale:
    """How much there is, and how often everything is asked."""

    orders: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    products: int = 10_000
    rounds: int = 7
    more: int = 30  # for what seems to grow
    databases: tuple[str, ...] = DATABASES


SHORT = Scale((100, 2_000), products=200, rounds=1, more=3, databases=("sqlite",))


@dataclass
class Figure:
    """The fastest time of one act by the number of orders, in milliseconds."""

    name: str
    kind: str
    fastest: dict[int, float] = field(default_factory=dict)

    def add(self, orders: int, milliseconds: float) -> None:
        known = self.fastest.get(orders, milliseconds)
        self.fastest[orders] = min(known, milliseconds)

    @property
    def least(self) -> float:
        return self.fastest[min(self.fastest)]

    @property
    def most(self) -> float:
        return self.fastest[max(self.fastest)]

    @property
    def ratio(self) -> float:
        return self.most / self.least

    @property
    def grows(self) -> bool:
        return self.ratio > BAR and self.most - self.least > SMALLEST


def measure() -> list[Row]:
    scale = SHORT if is_short() else Scale()
    return [
        Row(**fields)
        for database in scale.databases
        for fields in _in_own_process(database)
    ]


def _in_own_process(database: str) -> list[dict[str, Any]]:
    # One process uses one kind of database.
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks.growth", database],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    *lines, last = done.stdout.splitlines()
    print("\n".join(lines))  # noqa: T201
    rows: list[dict[str, Any]] = json.loads(last)
    return rows


def growth(database: str) -> list[dict[str, Any]]:
    """Return the fields of the rows of one kind of database."""
    scale = SHORT if is_short() else Scale()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = ""
        if database == "postgresql":
            url = stack.enter_context(postgres.own_server())
        configure(folder, url)
        stack.enter_context(broker(folder))
        # Reads the settings.
        from benchmarks.grown_shops import GrownShops  # noqa: PLC0415

        shops = GrownShops(scale.orders, scale.products)
        figures, statements = _figures(shops, scale)
        shops.close()
    _report(database, figures)
    return list(_rows(database, figures, statements))


def _figures(shops: Any, scale: Scale) -> tuple[list[Figure], int]:
    """Time every act. Return the figures, and the statements of placing an order."""
    acts: dict[str, dict[int, Callable[[], object]]] = {}
    kinds: dict[str, str] = {}
    statements = 0
    for orders in scale.orders:
        with shops.using(orders) as shop:
            for name, kind, act in shop.acts():
                acts.setdefault(name, {})[orders] = act
                kinds[name] = kind
                act()  # fills what a process keeps
            statements = max(statements, shop.statements_of_placing())
    figures = {name: Figure(name, kind) for name, kind in kinds.items()}
    _ask(shops, acts, figures, scale.rounds)
    grown = {name: figure for name, figure in figures.items() if figure.grows}
    _ask(shops, acts, grown, scale.more)
    return list(figures.values()), statements


def _ask(
    shops: Any,
    acts: dict[str, dict[int, Callable[[], object]]],
    figures: dict[str, Figure],
    rounds: int,
) -> None:
    """Time these acts so many times, in turns between the databases."""
    for name, figure in figures.items():
        for _round in range(rounds):
            for orders, act in acts[name].items():
                with shops.using(orders):
                    begun = time.perf_counter()
                    act()
                    figure.add(orders, (time.perf_counter() - begun) * 1000)


def _rows(
    database: str, figures: list[Figure], statements: int
) -> Iterator[dict[str, Any]]:
    for kind in dict.fromkeys(figure.kind for figure in figures):
        mine = [figure for figure in figures if figure.kind == kind]
        worst = max(mine, key=lambda figure: (figure.grows, figure.ratio))
        among = "" if len(mine) == 1 else f", worst of {len(mine)} ({worst.name})"
        fewest, most = min(worst.fastest), max(worst.fastest)
        yield {
            "what": f"{database}, {most:,} orders, {kind}{among}",
            "ours": worst.most,
            "unit": "ms",
            "beside": f"{fewest:,} orders",
            # Where nothing is asked of the difference, nothing grew.
            "value": worst.least if worst.grows or worst.ratio < BAR else worst.most,
            "at_most": BAR,
        }
        if kind == "placing an order":
            what = f"{database}, {most:,} orders, {kind}"
            yield {
                "what": f"{what}: statements",
                "ours": statements,
                "unit": "",
                "at_most": PLACING_STATEMENTS,
            }
            yield {
                "what": f"{what}: time",
                "ours": worst.most,
                "unit": "ms",
                "at_most": PLACING_MS,
            }


def _report(database: str, figures: list[Figure]) -> None:
    sizes = sorted(figures[0].fastest)
    heads = "".join(f"{size:>12,}" for size in sizes)
    print(f"{database}: fastest, ms{'':<45}{heads}{'ratio':>8}")  # noqa: T201
    for figure in sorted(figures, key=lambda each: each.ratio):
        times = "".join(f"{figure.fastest[size]:>12.1f}" for size in sizes)
        mark = "  grows" if figure.grows else ""
        print(f"{figure.name:<64}{times}{figure.ratio:>8.2f}{mark}")  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(growth(sys.argv[1])))  # noqa: T201
    else:
        show(measure())
