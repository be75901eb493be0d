"""All data of the sandbox, in one SQLite file, written before an answer is sent.

Write-ahead logging with ``synchronous=NORMAL`` keeps a committed row through the
death of the process (``kill -9``); only a loss of power may cost the last moments.
"""

import json
import secrets
import sqlite3
import string
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Object = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    type TEXT,
    intent TEXT,
    charge TEXT,
    customer TEXT,
    body TEXT NOT NULL,
    private TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_time ON objects (kind, created);
CREATE INDEX IF NOT EXISTS objects_by_intent ON objects (intent, kind);
CREATE INDEX IF NOT EXISTS objects_by_charge ON objects (charge, kind);
CREATE INDEX IF NOT EXISTS objects_by_customer ON objects (customer, kind);
CREATE TABLE IF NOT EXISTS due (
    id TEXT NOT NULL,
    what TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (id, what)
);
CREATE INDEX IF NOT EXISTS due_by_time ON due (at);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    endpoint TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created INTEGER NOT NULL,
    status INTEGER,
    body TEXT,
    request TEXT
);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at REAL NOT NULL,
    give_up_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER,
    last_error TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due_at);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    remaining INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
"""
_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    """Return a new id in Stripe's form, such as ``pi_3Q...``."""
    return f"{prefix}_3" + "".join(secrets.choice(_ALPHABET) for _ in range(23))


def _reference(body: Object, name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) else None


class Store:
    """Objects by id, and the few other tables."""

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

    def close(self) -> None:
        with self._lock:
            self._connection.close()

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

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A savepoint: if the block raises, only its own writes are undone."""
        self._connection.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO attempt")
            raise
        finally:
            self._connection.execute("RELEASE attempt")

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Execute one statement. Return the number of rows."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def put(self, body: Object, private: Object | None = None) -> Object:
        """Insert or replace an object; ``private`` is never part of an answer."""
        self.run(
            "INSERT INTO objects (id, kind, created, type, intent, charge, customer,"
            " body, private) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body,"
            " customer = excluded.customer,"
            " private = CASE WHEN ? THEN excluded.private ELSE private END",
            (
                body["id"],
                body["object"],
                body["created"],
                _reference(body, "type"),
                _reference(body, "payment_intent"),
                _reference(body, "charge"),
                _reference(body, "customer"),
                json.dumps(body),
                json.dumps(private or {}),
                private is not None,
            ),
        )
        return body

    def get(self, identifier: str, kind: str | None = None) -> Object | None:
        """Return an object by id, or None; with ``kind`` only one of that kind."""
        found = self.row("SELECT kind, body FROM objects WHERE id = ?", (identifier,))
        if found is None or (kind and found["kind"] != kind):
            return None
        return _load(found["body"])

    def private(self, identifier: str) -> Object:
        found = self.row("SELECT private FROM objects WHERE id = ?", (identifier,))
        return _load(found["private"]) if found else {}

    def select(
        self, where: str, values: Sequence[Any] = (), order: str = "seq"
    ) -> list[Object]:
        """Return the objects that meet a condition over the index columns."""
        sql = f"SELECT body FROM objects WHERE {where} ORDER BY {order}"  # noqa: S608
        return [_load(found["body"]) for found in self.rows(sql, values)]

    def schedule(self, identifier: str, what: str, at: int) -> None:
        """Plan ``what`` for an object at a time of the sandbox."""
        self.run("INSERT OR REPLACE INTO due VALUES (?, ?, ?)", (identifier, what, at))

    def unschedule(self, identifier: str, what: str) -> None:
        self.run("DELETE FROM due WHERE id = ? AND what = ?", (identifier, what))

    def setting(self, name: str) -> str | None:
        found = self.row("SELECT value FROM settings WHERE name = ?", (name,))
        return str(found["value"]) if found else None

    def set_setting(self, name: str, value: str) -> None:
        self.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def wipe(self) -> None:
        """Delete everything."""
        with self.transaction():
            for table in ("objects", "due", "idempotency", "deliveries", "faults"):
                self.run(f"DELETE FROM {table}")  # noqa: S608 - names from this tuple


def _load(text: str) -> Object:
    loaded: Object = json.loads(text)
    return loaded
