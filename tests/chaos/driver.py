"""Carry out plans on one database, one after another, on one shop.

``python -m tests.chaos.driver sqlite FOLDER SEED ...`` prints a line for each run. With
``WAREHOUSE=sandbox`` in its environment the shop has a warehouse system, and the seeds
are those of tests.chaos.warehouse; with ``BROKER=rabbitmq`` or ``sentinel`` it has a
broker outside, and the seeds are that one's. tests.chaos.run starts it. One set of
processes serves all runs, because starting them takes longest.
"""

import faulthandler
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import django

from tests.chaos.brokers import Bundled, OwnProcesses, outside_broker
from tests.chaos.stack import IMPATIENT, WITH_WAREHOUSE
from tests.chaos.tally import Result
from tests.support.live import live_stack
from tests.support.network import stay_on_this_machine
from tests.support.postgres import Server, running_server
from tests.support.proxy import Proxy, proxy_to
from tests.support.standby import Pair, running_pair
from tests.support.variables import settings_variables

if TYPE_CHECKING:
    from tests.chaos.blows import Target
    from tests.chaos.runs import Outcome
    from tests.chaos.warehouse.runs import Outcome as WarehouseOutcome


_began = time.monotonic()


def note(what: str) -> None:
    """Write to the log what begins now, so that an end without a word has a place."""
    sys.stderr.write(f"{time.monotonic() - _began:6.1f} s: {what}\n")
    sys.stderr.flush()


def end(_number: int, _frame: object) -> None:
    note("ended by SIGTERM")
    sys.exit(128 + signal.SIGTERM)


def main(database: str, folder: Path, seeds: list[int]) -> int:
    signal.signal(signal.SIGTERM, end)
    faulthandler.enable()
    stay_on_this_machine()
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    configure(data)
    with started_target(database, data) as target:
        for seed in seeds:
            note(f"seed {seed}")
            result = carry_out(target, database, seed)
            sys.stdout.write(f"{result.line()}\n")
            sys.stdout.flush()
        note("checking the invariants over all runs")
        check_all(target)
        if target.pair is not None:
            from tests.chaos.lost_commits import lose_last_commits  # noqa: PLC0415

            note("a failover that loses the last commits")
            lose_last_commits(target.shop, target.pair)
    note("done")
    return 0


def broker_name() -> str:
    return os.environ.get("BROKER", "bundled")


def configure(data: Path) -> None:
    """Set the environment of this shop, without any other settings of the shell."""
    warehouse = os.environ.get("WAREHOUSE", "manual")
    for name in settings_variables():
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "DATA_DIR": str(data),
        "ENV_FILE": os.devnull,
        "WAREHOUSE": warehouse,
        # The systems behind webhook endpoints are in this process.
        "OUTGOING_PRIVATE_NETWORKS": "127.0.0.0/8",
        "WEBHOOK_TIMEOUT": "1",
    }


@contextmanager
def started_target(database: str, data: Path) -> Iterator["Target"]:
    """Run a shop on this kind of database, with the broker that the seeds are for."""
    note(f"broker: {broker_name()}")
    with outside_broker(broker_name()) as broker:
        yield from _on(database, data, broker)


def _on(database: str, data: Path, broker: OwnProcesses | None) -> Iterator["Target"]:
    if database == "sqlite":
        with _shop(data, broker) as target:
            yield target
        return
    if database == "replicated":
        note("starting PostgreSQL with a standby")
        with running_pair() as pair:
            os.environ["DATABASE_URL"] = pair.url
            with _shop(data, broker, pair=pair) as target:
                yield target
        return
    note("starting PostgreSQL")
    with running_server() as server, proxy_to(server.port) as proxy:
        os.environ["DATABASE_URL"] = server.url
        with _shop(data, broker, server, proxy) as target:
            yield target


# Modules that need the models are imported inside functions: the environment has to
# be set first.


@contextmanager
def _shop(
    data: Path,
    broker: OwnProcesses | None,
    server: Server | None = None,
    proxy: Proxy | None = None,
    pair: Pair | None = None,
) -> Iterator["Target"]:
    note("starting a shop; its log is data/up.log")
    django.setup()
    from tests.chaos.blows import Target  # noqa: PLC0415
    from tests.chaos.forkserver import sweepers  # noqa: PLC0415

    is_sandbox = os.environ["WAREHOUSE"] == "sandbox"
    variables = IMPATIENT | (WITH_WAREHOUSE if is_sandbox else {})
    variables |= broker.variables if broker else {}
    with (
        live_stack(data, proxy.port if proxy else None, **variables) as shop,
        shop.as_database(),
        sweepers(shop),
    ):
        yield Target(shop, broker or Bundled(shop), server, proxy, pair)


def carry_out(target: "Target", database: str, seed: int) -> Result:
    if os.environ["WAREHOUSE"] == "sandbox":
        return _with_warehouse(target, database, seed)
    from tests.chaos.plans import (  # noqa: PLC0415
        OUTSIDE,
        plan,
        plan_replicated,
        plan_with,
    )
    from tests.chaos.runs import abort, run  # noqa: PLC0415

    broker = broker_name()
    if target.pair is not None:
        planned = plan_replicated(seed)
    elif broker in OUTSIDE:
        planned = plan_with(broker, seed)
    else:
        planned = plan(seed, server=target.server is not None)
    note(planned.kind)
    try:
        outcome = run(target, planned)
    except Exception as error:  # noqa: BLE001 (a finding; the other seeds go on)
        traceback.print_exc()
        outcome = abort(target, planned, error)
    return _result(database, outcome)


def _with_warehouse(target: "Target", database: str, seed: int) -> Result:
    from tests.chaos.warehouse.plans import plan  # noqa: PLC0415
    from tests.chaos.warehouse.runs import abort, run  # noqa: PLC0415

    planned = plan(seed, server=target.server is not None)
    note(planned.kind)
    try:
        outcome = run(target, planned)
    except Exception as error:  # noqa: BLE001 (a finding; the other seeds go on)
        traceback.print_exc()
        outcome = abort(target, planned, error)
    return replace(_result(database, outcome), warehouse=outcome.counts.figures())


def _result(database: str, outcome: "Outcome | WarehouseOutcome") -> Result:
    counts = outcome.counts
    return Result(
        database=database,
        seed=outcome.seed,
        kind=outcome.kind,
        charges=counts.charges,
        double_charges=counts.double_charges,
        lost_orders=counts.lost_orders,
        oversold=counts.oversold,
        stuck=counts.stuck,
        webhooks_missing=counts.webhooks_missing,
        unreached=outcome.unreached,
        recovery=tuple(round(seconds, 3) for seconds in outcome.recovery),
        findings=tuple(counts.findings),
    )


def check_all(target: "Target") -> None:
    """Check the five invariants over all runs, from all three sides."""
    from tests.support.live_invariants import assert_invariants  # noqa: PLC0415

    assert_invariants(target.shop)


if __name__ == "__main__":
    name, where, *numbers = sys.argv[1:]
    sys.exit(main(name, Path(where), [int(number) for number in numbers]))
