"""Measure a catalogue query of 24 products beside a bare Django view with JSON.

``python -m benchmarks.api``; part of ``make bench``. The query is asked as clients do
it, and once more together with a field of which no answer is kept, so that it is made
each time. In rounds, so that a busy moment of the machine meets all of them.
"""

import json
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.http_load import Load, ask
from benchmarks.pages import (
    BARE_APPLICATION,
    ROUNDS,
    SECONDS,
    SHOP_APPLICATION,
    manage,
    served,
)
from benchmarks.report import Row, is_short, show
from tests.support import postgres
from tests.support.ports import free_row

AT_LEAST = 0.7
_FIELDS = "products(first: 24) { nodes { slug name price { minor } } }"
_KEPT, _MADE, _BARE = "kept", "made each time", "bare JSON"
_BODIES = {
    _KEPT: json.dumps({"query": f"{{ {_FIELDS} }}"}),
    _MADE: json.dumps({"query": f"{{ shop {{ currency }} {_FIELDS} }}"}),
}


def measure() -> list[Row]:
    """Return the rows of both databases. Takes about half a minute."""
    with tempfile.TemporaryDirectory() as folder, postgres.own_server() as url:
        sqlite = _measure_on("SQLite", Path(folder) / "sqlite", {})
        own = {"DATABASE_URL": url}
        return sqlite + _measure_on("PostgreSQL", Path(folder) / "postgresql", own)


def _measure_on(database: str, folder: Path, variables: dict[str, str]) -> list[Row]:
    environment = {
        **os.environ,
        **variables,
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "ERROR",
        "API_POINTS_PER_MINUTE": "0",
    }
    manage(environment, "prepare")
    shop, bare = free_row(2), free_row(2)
    loads = {name: Load() for name in (_BARE, *_BODIES)}
    with ExitStack() as stack:
        stack.enter_context(served(shop, SHOP_APPLICATION, environment))
        stack.enter_context(served(bare, BARE_APPLICATION, environment))
        for _round in range(1 if is_short() else ROUNDS):
            _ask_all(shop, bare, loads)
    beside = loads[_BARE].rate
    return [
        Row(
            f"{database}, API, 24 products, {name}",
            ours=loads[name].rate,
            unit="/s",
            beside=_BARE,
            value=beside,
            at_least=AT_LEAST,
        )
        for name in _BODIES
    ]


def _ask_all(shop: int, bare: int, loads: dict[str, Load]) -> None:
    for seconds in (SECONDS / 5, SECONDS):
        found = {_BARE: ask(bare, "/products.json", seconds)}
        for name, body in _BODIES.items():
            found[name] = ask(shop, "/graphql/", seconds, body=body)
        if seconds == SECONDS:  # the first is to warm up
            for name, load in found.items():
                loads[name].add(load)


if __name__ == "__main__":
    show(measure())
