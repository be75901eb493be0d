"""The one table of all benchmarks: what, ours, beside, ratio, bar, met or not.

Each module of benchmarks that takes part has ``measure() -> list[Row]``.
"""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HEADINGS = ("what", "ours", "beside", "ratio", "bar", "met")
SHORT = "BENCH_SHORT"
_CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Row:
    """One measurement. A bar holds for the ratio if there is one, else for ``ours``.

    ``value`` is what ``beside``, the thing compared with, reached in the same run.
    ``unit`` is that of both. A row without a bar only informs. With both bars alike,
    the figure has to be exactly that.
    """

    what: str
    ours: float
    unit: str
    beside: str = ""
    value: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours divided by what stands beside it; None if nothing does.

        Not a number, which meets no bar, if what stands beside it did nothing.
        """
        if not self.beside or self.value is None:
            return None
        return self.ours / self.value if self.value else float("nan")

    @property
    def met(self) -> bool | None:
        """Return whether the bar is met; None if the row has none."""
        if self.at_least is None and self.at_most is None:
            return None
        figure = self.ours if self.ratio is None else self.ratio
        return (self.at_least is None or figure >= self.at_least) and (
            self.at_most is None or figure <= self.at_most
        )


def text(rows: Sequence[Row], machine: str = "") -> str:
    """Return the table for a terminal, under a line with date and machine."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([_heading(machine), "", *(line.rstrip() for line in lines)])


def markdown(rows: Sequence[Row], machine: str = "") -> str:
    """Return the table in Markdown, under a line with date and machine."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(_cells(row) for row in rows)]
    table = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([_heading(machine), "", *table])


def is_short() -> bool:
    """Return whether only orders of magnitude are asked for: ``make bench SHORT=1``.

    All modules together then have two minutes.
    """
    return os.environ.get(SHORT) == "1"


def show(rows: Sequence[Row]) -> None:
    """Print the table; ``if __name__ == "__main__"`` of a module may end with it."""
    print(text(rows))  # noqa: T201


def this_machine() -> str:
    """Return the processor, the number of cores and Python's version."""
    return f"{os.cpu_count()} x {_processor()}, Python {platform.python_version()}"


def _heading(machine: str) -> str:
    day = date.today()  # noqa: DTZ011 (the day of whoever measures)
    return f"{day:%d %B %Y}, {machine or this_machine()}"


def _processor() -> str:
    lines: Iterable[str] = ()
    if _CPU_INFO.exists():
        lines = _CPU_INFO.read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if "model name" in line)
    return next(names, platform.machine())


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    beside = f"{row.beside}: {_with_unit(row.value, row.unit)}" if ratio else ""
    ours = _with_unit(row.ours, row.unit)
    return (row.what, ours, beside, ratio, _bar(row), _met(row))


def _bar(row: Row) -> str:
    unit = row.unit if row.ratio is None else "x"
    if row.at_least is not None and row.at_least == row.at_most:
        return f"exactly {_with_unit(row.at_least, unit)}"
    parts = []
    if row.at_least is not None:
        parts.append(f"at least {_with_unit(row.at_least, unit)}")
    if row.at_most is not None:
        parts.append(f"at most {_with_unit(row.at_most, unit)}")
    return ", ".join(parts)


def _met(row: Row) -> str:
    return {None: "", True: "yes", False: "NO"}[row.met]


def _with_unit(number: float | None, unit: str) -> str:
    """Return the number whole, or if it is small with three significant digits."""
    if number is None:
        return ""
    written = f"{number:,.0f}" if _is_round(number) else f"{number:.3g}"
    return f"{written}{'' if unit == 'x' else ' '}{unit}".strip()


def _is_round(number: float) -> bool:
    return abs(number) < float("inf") and (abs(number) >= 100 or number == int(number))  # noqa: PLR2004
