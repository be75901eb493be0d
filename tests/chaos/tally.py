"""The sums of many runs: a table by kind, and one line of JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

COLUMNS = {
    "runs": "runs",
    "charges": "charges",
    "double_charges": "double",
    "lost_orders": "lost",
    "oversold": "oversold",
    "stuck": "stuck",
    "webhooks_missing": "webhooks",
    # Only in a shop with a warehouse.
    "missing_at_warehouse": "missing",
    "twice_at_warehouse": "twice",
    "shipped_unpaid": "unpaid",
    "cancelled_and_shipped": "cancelled",
    "recovery_p50_s": "p50 s",
    "recovery_max_s": "max s",
}


@dataclass(frozen=True)
class Result:
    """The result of one run, passed between processes as a line of JSON."""

    database: str
    seed: int
    kind: str
    charges: int
    double_charges: int
    lost_orders: int
    oversold: int
    stuck: int
    webhooks_missing: int
    unreached: int
    recovery: tuple[float, ...]  # seconds
    findings: tuple[str, ...]
    # The figures of a shop with a warehouse, by their names in COLUMNS.
    warehouse: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"SEED={self.seed} on {self.database}"

    def line(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, line: str) -> "Result":
        values: dict[str, Any] = json.loads(line)
        values["recovery"] = tuple(values["recovery"])
        values["findings"] = tuple(values["findings"])
        return cls(**values)


def sums(results: Sequence[Result]) -> dict[str, float]:
    """Return the figures of the last line; recovery in seconds."""
    times = [second for result in results for second in result.recovery]
    return {
        "runs": len(results),
        "charges": sum(result.charges for result in results),
        "double_charges": sum(result.double_charges for result in results),
        "lost_orders": sum(result.lost_orders for result in results),
        "oversold": sum(result.oversold for result in results),
        "stuck": sum(result.stuck for result in results),
        "webhooks_missing": sum(result.webhooks_missing for result in results),
        **_of_warehouse(results),
        "recovery_p50_s": round(median(times), 2) if times else 0.0,
        "recovery_max_s": round(max(times), 2) if times else 0.0,
    }


def _of_warehouse(results: Sequence[Result]) -> dict[str, int]:
    """Return the sums about the warehouse; nothing if no run had one."""
    total: dict[str, int] = {}
    for result in results:
        for name, figure in result.warehouse.items():
            total[name] = total.get(name, 0) + figure
    return total


def table(results: Sequence[Result], kinds: Iterable[str]) -> list[str]:
    """Return the lines of the table: one for each kind that was run, and the sum."""
    width = max(len(kind) for kind in kinds)
    head = "".join(f"{COLUMNS[name]:>10}" for name in sums(results))
    lines = [f"{'':{width}}{head}"]
    for kind in kinds:
        some = [result for result in results if result.kind == kind]
        if some:
            lines.append(_row(kind, width, some))
    return [*lines, _row("all", width, results)]


def _row(name: str, width: int, results: Sequence[Result]) -> str:
    cells = "".join(f"{figure:>10}" for figure in sums(results).values())
    return f"{name:{width}}{cells}"
