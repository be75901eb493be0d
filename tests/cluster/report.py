"""The table of a run, as text and in docs/operations/scale.md."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "scale.md"
FAULTS, SOAK = "faults", "soak"  # the two parts of the page that a run writes
Row = dict[str, Any]
COUNTS = ("orders", "charges", "doubles", "lost", "oversold", "stuck")
HEAD = (
    *("what happened", *COUNTS, "hit", "recovery: median", "longest"),
    *("slowest order", "95 of 100 pages", "seen after"),
)


def table(rows: Sequence[Row]) -> list[str]:
    """Return the lines of the table of faults, in Markdown, with the sums."""
    lines = [_line(HEAD), _line("---" for _each in HEAD)]
    lines += [_line(_cells(row)) for row in rows]
    total = {name: sum(row[name] for row in rows) for name in (*COUNTS, "hit")}
    sums = [f"**{total[name]}**" for name in (*COUNTS, "hit")]
    lines.append(_line(["**all**", *sums, *[""] * 5]))
    return lines


def _line(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row) -> list[str]:
    times = (row["recovery"], row["longest"]) if row["hit"] else (None, None)
    return [
        row["name"],
        *(str(row[name]) for name in (*COUNTS, "hit")),
        *(_seconds(value) for value in (*times, row["slowest"], row["page"])),
        _seconds(min(row["seen"].values(), default=None)),
    ]


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def of_soak(row: Row) -> list[str]:
    """Return the lines about a soak."""
    growth = row["memory_last"] / max(row["memory_first"], 1) - 1
    failed = sum(row["failures"].values())
    lines = [
        _line((f"{row['customers']} customers for {row['minutes']:g} minutes", "")),
        _line(("---", "---")),
        _line(("orders", f"{row['orders']}")),
        _line(("orders a second", f"{row['orders'] / row['minutes'] / 60:.1f}")),
        _line(("answers; failed", f"{row['answers']}; {failed}")),
        _line(("an answer: median", f"{row['median'] * 1000:.0f} ms")),
        _line(("95 of 100 answers within", f"{row['page'] * 1000:.0f} ms")),
        _line(("slowest answer", f"{row['slowest']:.1f} s")),
        _line(("an order, placed to done: 95 of 100", f"{row['order']:.1f} s")),
        _line(("memory of all hosts, first third", f"{row['memory_first']:.0f} MB")),
        _line(("the last third", f"{row['memory_last']:.0f} MB ({growth:+.1%})")),
        "",
        _line(("role", "memory", "processor for one order")),
        _line(("---", "---", "---")),
    ]
    for role, spent in sorted(row["processor_by_role"].items()):
        memory = row["memory_by_role"].get(role, 0.0)
        lines.append(_line((role, f"{memory:.0f} MB", f"{spent:.0f} ms")))
    whole = sum(row["processor_by_role"].values())
    memory = sum(row["memory_by_role"].values())
    lines.append(_line(("**all**", f"{memory:.0f} MB", f"**{whole:.0f} ms**")))
    return lines


def machine() -> str:
    """Return the day and what the cluster ran on."""
    text = Path("/proc/cpuinfo").read_text()
    names = [
        line.partition(":")[2] for line in text.splitlines() if "model name" in line
    ]
    processor = names[0].strip() if names else platform.machine()
    day = datetime.now(UTC).strftime("%-d %B %Y")
    return (
        f"{day}; {os.cpu_count()} cores ({processor}) for all hosts and all customers, "
        f"Linux {platform.release()}, Python {platform.python_version()}."
    )


def notes_of(rows: Sequence[Row]) -> list[str]:
    """Return what was noticed, as a list."""
    lines = []
    for row in rows:
        said = [*row["notes"]]
        if row["seen"]:
            each = sorted(row["seen"].items(), key=lambda sign: sign[1])
            words = ", ".join(f"{sign} ({after:.0f} s)" for sign, after in each)
            said.append(f"monitoring saw: {words}")
        said += [f"staff were told: {subject}" for subject in row["alerts"]]
        if row["failures"]:
            each = sorted(row["failures"].items())
            words = ", ".join(f"{number} {name}" for name, number in each)
            said.append(f"requests that customers sent again: {words}")
        if row["gave_up"]:
            said.append(f"customers who left after a minute: {len(row['gave_up'])}")
        lines += [f"- {row['name']}: {word}." for word in said]
    return lines


def of_faults(rows: Sequence[Row]) -> list[str]:
    """Return the part about the faults: the table, and what was noticed."""
    return [*table(rows), "", *notes_of(rows)]


def verdict(findings: Sequence[str]) -> list[str]:
    """Return what the invariants say at the end, over all orders of a run."""
    ended = "All invariants held." if not findings else "Found:"
    return [ended, *(f"- {finding}" for finding in findings)]


def marks(part: str) -> tuple[str, str]:
    """Return the lines of the page between which a part stands."""
    return (
        f"<!-- {part}: written by `make cluster`. -->\n",
        f"<!-- {part}: the end of what is written. -->\n",
    )


def write(part: str, lines: Sequence[str]) -> None:
    """Put a part into the page, in place of the last one."""
    begin, end = marks(part)
    page = PAGE.read_text(encoding="utf-8")
    before, found, rest = page.partition(begin)
    _old, closed, after = rest.partition(end)
    assert found, f"{PAGE} has no place for the {part}"
    assert closed, f"{PAGE} has no end of the {part}"
    text = "\n".join([machine(), "", *lines])
    PAGE.write_text(f"{before}{begin}\n{text}\n\n{end}{after}", encoding="utf-8")
