"""Export of mismatches: as JSON data, and as CSV for a spreadsheet."""

import csv
from collections.abc import Iterable
from typing import Any, Protocol

from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.remedies import command, remedy
from checkout.reconciliation.wording import sentence
from shop.text.spreadsheet import cell_text

COLUMNS = (
    "kind",
    "severity",
    "subject",
    "order",
    "intent",
    "sentence",
    "remedy",
    "command",
    "first_seen",
    "last_seen",
    "resolved_at",
    "explained_at",
    "explained_by",
    "note",
)


class Writable(Protocol):
    def write(self, text: str, /) -> Any: ...


def as_dict(row: Mismatch) -> dict[str, Any]:
    """Return a mismatch as JSON data. Times are ISO 8601 or null."""
    return {
        "kind": row.kind,
        "severity": row.severity.value,
        "subject": row.subject,
        "order": row.order_number,
        "intent": row.intent_id,
        "sentence": sentence(row),
        "remedy": remedy(row),
        "command": command(row),
        "first_seen": row.first_seen.isoformat(),
        "last_seen": row.last_seen.isoformat(),
        "resolved_at": row.resolved_at.isoformat() if row.resolved_at else None,
        "explained_at": row.explained_at.isoformat() if row.explained_at else None,
        "explained_by": row.explained_by,
        "note": row.note,
        "facts": row.facts,
    }


def run_as_dict(run: ReconciliationRun) -> dict[str, Any]:
    """Return a run as JSON data, with its counts of mismatches."""
    return {
        "since": run.since.isoformat(),
        "until": run.until.isoformat(),
        "intents": run.intents,
        "unreadable": run.unreadable,
        "found": run.found,
        "new": run.fresh,
        "resolved": run.resolved,
    }


def write_csv(file: Writable, rows: Iterable[Mismatch]) -> None:
    """Write a header and one line for each mismatch. No cell is a formula."""
    table = csv.writer(file)
    table.writerow(COLUMNS)
    for row in rows:
        described = as_dict(row)
        table.writerow([cell_text(described[name]) for name in COLUMNS])
