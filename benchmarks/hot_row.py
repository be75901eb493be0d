"""Many buyers and one row of stock: reservations a second, on PostgreSQL.

``python -m benchmarks.hot_row``; part of ``make bench``. CLIENTS threads of one process
reserve units of one SKU, each reservation a transaction that also writes its hold.
Beside the shop's guarded UPDATE stand a ``select_for_update`` and a read-then-write,
which sells units twice; and what the database itself does to one row.
"""

import tempfile
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg

from benchmarks.processes import configure
from benchmarks.report import Row, is_short, show
from tests.support import postgres

CLIENTS = 8
RESERVATIONS = 2_000
SHORT = 200
SKU = "HOT"


def measure() -> list[Row]:
    number = SHORT if is_short() else RESERVATIONS
    with tempfile.TemporaryDirectory() as folder, postgres.own_server() as url:
        configure(Path(folder), url)
        from inventory.services import receive  # noqa: PLC0415 (needs the settings)

        receive(SKU, 1_000_000, "bench")
        rates = {
            reserve.__name__: _rate(number, reserve)
            for reserve in (guarded, select_for_update, read_then_write)
        }
        lost = _units_lost()
        bare = _rate(number, _bare(url))
    what, unit = "reservations of one article", "/s"
    ours = rates["guarded"]
    return [
        Row(what, ours, unit, "select_for_update", rates["select_for_update"]),
        Row(what, ours, unit, "read, then write", rates["read_then_write"]),
        Row(what, ours, unit, "bare UPDATEs of one row", bare, at_least=0.5),
        Row("units that read-then-write promised twice", lost, "units"),
    ]


def guarded() -> None:
    """Reserve as the shop does."""
    from inventory.services import reserve  # noqa: PLC0415
    from shop import database_clock  # noqa: PLC0415

    reserve(f"guarded-{uuid4().hex[:12]}", {SKU: 1}, database_clock.read())


def select_for_update() -> None:
    from django.db import transaction  # noqa: PLC0415

    from inventory.models import StockItem  # noqa: PLC0415

    with transaction.atomic():
        _take(StockItem.objects.select_for_update().get(sku=SKU), "locked")


def read_then_write() -> None:
    from django.db import transaction  # noqa: PLC0415

    from inventory.models import StockItem  # noqa: PLC0415

    with transaction.atomic():
        _take(StockItem.objects.get(sku=SKU), "unlocked")


def _take(item: "object", named: str) -> None:
    from inventory.models import Hold, StockItem  # noqa: PLC0415

    assert isinstance(item, StockItem)  # noqa: S101
    if item.free < 1:
        message = "nothing is left"
        raise RuntimeError(message)
    item.held += 1
    item.save(update_fields=["held"])
    Hold.objects.create(item=item, reference=f"{named}-{uuid4().hex[:12]}", quantity=1)


def _units_lost() -> int:
    """Return how many more units the holds have than the counter says."""
    from inventory.models import Hold, StockItem  # noqa: PLC0415

    return Hold.objects.active().count() - StockItem.objects.get(sku=SKU).held


def _bare(url: str) -> Callable[[], None]:
    local = threading.local()

    def bare() -> None:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(url, autocommit=True)
        local.connection.execute(
            "UPDATE inventory_stockitem SET held = held + 1"
            " WHERE sku = %s AND on_hand > held",
            [SKU],
        )

    return bare


def _rate(number: int, act: Callable[[], None]) -> float:
    """Do it ``number`` times from CLIENTS threads. Return how often a second."""
    from django.db import connection  # noqa: PLC0415

    turns = count()
    faults: list[BaseException] = []

    def work() -> None:
        try:
            while next(turns) < number:
                act()
        except Exception as error:  # noqa: BLE001 (raised below, in the main thread)
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _client in range(CLIENTS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return number / (time.perf_counter() - begun)


if __name__ == "__main__":
    show(measure())
