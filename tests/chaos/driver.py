"""Carries plans out on one database: a shop, its runs one after another, their results.

``python -m tests.chaos.driver sqlite FOLDER SEED ...`` prints a line for each run; it
is started by tests.chaos.run. One set of processes serves all runs: to start them is
what costs most.
"""

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django

from tests.chaos.stack import IMPATIENT
from tests.chaos.tally import Result
from tests.support.live import live_stack
from tests.support.network import stay_on_this_machine
from tests.support.postgres import Server, running_server
from tests.support.proxy import Proxy, proxy_to
from tests.support.variables import settings_variables

if TYPE_CHECKING:
    from tests.chaos.blows import Ground


def main(database: str, folder: Path, seeds: list[int]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    stay_on_this_machine()
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    configure(data)
    with ground_on(database, data) as ground:
        for seed in seeds:
            result = carry_out(ground, database, seed)
            sys.stdout.write(f"{result.line()}\n")
            sys.stdout.flush()
        judge_the_whole(ground)
    return 0


def configure(data: Path) -> None:
    """Make this process one of the shop's; nothing of the shell's may reach it."""
    for name in settings_variables():
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "DATA_DIR": str(data),
        "ENV_FILE": str(data / "no.env"),
    }


@contextmanager
def ground_on(database: str, data: Path) -> Iterator["Ground"]:
    """Start a shop on this kind of database."""
    if database == "sqlite":
        with _shop(data) as ground:
            yield ground
        return
    with running_server() as server, proxy_to(server.port) as proxy:
        os.environ["DATABASE_URL"] = server.url
        with _shop(data, server, proxy) as ground:
            yield ground


# What needs the shop's models is imported below: the environment comes first.


@contextmanager
def _shop(
    data: Path, server: Server | None = None, proxy: Proxy | None = None
) -> Iterator["Ground"]:
    django.setup()
    from tests.chaos.blows import Ground  # noqa: PLC0415
    from tests.chaos.forkserver import sweepers  # noqa: PLC0415

    with (
        live_stack(data, proxy.port if proxy else None, **IMPATIENT) as shop,
        shop.as_database(),
        sweepers(shop),
    ):
        yield Ground(shop, server, proxy)


def carry_out(ground: "Ground", database: str, seed: int) -> Result:
    from tests.chaos.plans import plan  # noqa: PLC0415
    from tests.chaos.runs import broken_off, run  # noqa: PLC0415

    planned = plan(seed, server=ground.server is not None)
    try:
        outcome = run(ground, planned)
    except Exception as error:  # noqa: BLE001 (a finding like any other; the rest goes on)
        traceback.print_exc()
        outcome = broken_off(ground, planned, error)
    census = outcome.census
    return Result(
        database=database,
        seed=seed,
        kind=outcome.kind,
        charges=census.charges,
        double_charges=census.double_charges,
        lost_orders=census.lost_orders,
        oversold=census.oversold,
        stuck=census.stuck,
        unreached=outcome.unreached,
        recovery=tuple(round(seconds, 3) for seconds in outcome.recovery),
        findings=tuple(census.findings),
    )


def judge_the_whole(ground: "Ground") -> None:
    """Check the five invariants for all that was done, from all three sides."""
    from tests.support.live_invariants import assert_invariants  # noqa: PLC0415

    assert_invariants(ground.shop)


if __name__ == "__main__":
    name, where, *numbers = sys.argv[1:]
    sys.exit(main(name, Path(where), [int(number) for number in numbers]))
