"""All data of the sandbox, in one SQLite file, written before an answer is sent."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Object = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    shipment TEXT PRIMARY KEY,
    asked TEXT NOT NULL,
    standing TEXT NOT NULL,
    revision INTEGER NOT NULL,
    sequence INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    short TEXT NOT NULL DEFAULT '[]',
    parcels TEXT NOT NULL DEFAULT '[]',
    next TEXT NOT NULL DEFAULT '',
    due_at REAL,
    changed_at REAL NOT NULL,
    requests INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX IF NOT EXISTS orders_due ON orders (due_at);
CREATE INDEX IF NOT EXISTS orders_changed ON orders (changed_at);
CREATE TABLE IF NOT EXISTS reports (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS reports_due ON reports (state, due_at);
CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS faults (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    remaining INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_OFFSET = "clock_offset"
_LISTS = ("asked", "short", "parcels")


class Store:
    """Orders, reports to be sent, faults and the clock."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(
            path, check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(_SCHEMA)
        # What a process that died was sending is sent again.
        self.run("UPDATE reports SET state = 'pending' WHERE state = 'sending'")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction, one at a time; an inner one joins the outer one."""
        with self._lock:
            if self._depth:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            else:
                self._connection.execute("COMMIT")
            finally:
                self._depth -= 1

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Execute one statement. Return the number of rows."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def now(self) -> float:
        """Return the machine's time plus the offset that a tester has set."""
        return time.time() + float(self.setting(_OFFSET) or 0)

    def advance(self, seconds: float) -> float:
        """Move the clock. Return the offset."""
        offset = float(self.setting(_OFFSET) or 0) + seconds
        self.set_setting(_OFFSET, str(offset))
        return offset

    def setting(self, name: str) -> str:
        found = self.rows("SELECT value FROM settings WHERE name = ?", (name,))
        return str(found[0]["value"]) if found else ""

    def set_setting(self, name: str, value: str) -> None:
        self.run("REPLACE INTO settings (name, value) VALUES (?, ?)", (name, value))

    def order(self, shipment: str) -> Object | None:
        found = self.rows("SELECT * FROM orders WHERE shipment = ?", (shipment,))
        return read(found[0]) if found else None

    def put(self, order: Object) -> None:
        """Insert or replace an order; it counts as changed now."""
        row = {**order, "changed_at": self.now()}
        for name in _LISTS:
            row[name] = json.dumps(row[name], ensure_ascii=False)
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        self.run(
            f"REPLACE INTO orders ({names}) VALUES ({marks})",  # noqa: S608 - our names
            list(row.values()),
        )

    def reset(self) -> None:
        """Forget everything, the clock included."""
        with self.transaction():
            for table in ("orders", "reports", "calls", "faults", "settings"):
                self.run(f"DELETE FROM {table}")  # noqa: S608 - our names


def read(row: sqlite3.Row) -> Object:
    """Return a row of orders with its lists."""
    found = dict(row)
    for name in _LISTS:
        found[name] = json.loads(found[name])
    return found
