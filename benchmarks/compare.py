"""Compare the saga with its peers in one run: part of ``make bench``.

It starts its own PostgreSQL and Valkey, and for each system two processes: Python
computes on one core a process, and all of them are to have two. The shop's are two of
the workers that ``make up`` starts. The gateway answers at once.
Rounds alternate between the systems, so that what slows the machine down slows all of
them. ``python -m benchmarks.compare`` prints more than the common table: each system's
sagas per second, its ratio to the no-op chain within each round (min - median - max)
and its idle latency. The last line is JSON.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import drivers
from benchmarks.processes import PROCESSES, broker, configure, start_peer, start_worker
from benchmarks.report import Row, is_short, show
from tests.support import postgres

PATIENCE = 300.0  # seconds for one batch

NO_OP = "no-op chain, 5 links"
OURS = "ours, 5 durable steps"
NAIVE = "naive saga, same writes"
DBOS = "DBOS, same writes"
NAIVE_ONE_ROW = "naive saga, one row"
DBOS_EMPTY = "DBOS, 5 empty steps"


@dataclass(frozen=True)
class Effort:
    """How much is measured. ``singles`` are the latencies of a round.

    With ``only_bars`` the peers that write one row or none are left out: no figure of
    theirs has a bar.
    """

    count: int = 200
    rounds: int = 3
    singles: int = 15
    warm_up: int = 40
    only_bars: bool = False


SHORT = Effort(count=60, rounds=1, singles=5, warm_up=10, only_bars=True)


@dataclass
class System:
    """A system under test. ``run(count)`` does the sagas and returns the seconds."""

    name: str
    run: Callable[[int], float]
    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return median(self.rates)

    @property
    def latency(self) -> float:
        return median(self.latencies)


def measure() -> list[Row]:
    return rows(
        {system.name: system for system in _run(SHORT if is_short() else Effort())}
    )


def rows(systems: dict[str, System]) -> list[Row]:
    """Return the bars' rows, and after them the peers that write only one row."""
    ours, unit = systems[OURS], "orders/s"
    bars: dict[str, dict[str, float]] = {
        NAIVE: {"at_least": 1.3},
        DBOS: {"at_least": 1.5},
        NO_OP: {},
        NAIVE_ONE_ROW: {},
        DBOS_EMPTY: {},
    }
    rates = [
        Row("orders of a worker", ours.rate, unit, name, systems[name].rate, **bar)
        for name, bar in bars.items()
        if name in systems
    ]
    floor = systems[NO_OP].latency
    what = "an order, idle, from message to done"
    return [*rates, Row(what, ours.latency, "ms", NO_OP, floor, at_most=3)]


def main() -> None:
    systems = _run(_options())
    _report(systems)
    show(rows({system.name: system for system in systems}))


def _run(effort: Effort) -> list[System]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgres.own_server())
        configure(folder, url)
        stack.enter_context(broker(folder))
        systems = _systems(stack, url, only_bars=effort.only_bars)
        for system in systems:
            system.run(effort.warm_up)
        for _round in range(effort.rounds):
            for system in systems:
                system.rates.append(effort.count / system.run(effort.count))
                system.latencies += [
                    system.run(1) * 1000 for _one in range(effort.singles)
                ]
        return systems


def _options() -> Effort:
    default = Effort()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=default.count, help="a round")
    parser.add_argument("--rounds", type=int, default=default.rounds)
    parser.add_argument("--singles", type=int, default=default.singles, help="a round")
    parser.add_argument("--warm-up", type=int, default=default.warm_up)
    parser.add_argument("--only-bars", action="store_true")
    return Effort(**vars(parser.parse_args()))


def _systems(stack: ExitStack, url: str, *, only_bars: bool) -> list[System]:
    # Imported here, because these modules read the environment.
    from benchmarks import noop, ours, placed  # noqa: PLC0415
    from benchmarks.naive import tasks as one_row  # noqa: PLC0415
    from benchmarks.same_work import naive  # noqa: PLC0415

    start_peer(stack, "benchmarks.noop", noop.QUEUE)
    start_peer(stack, "benchmarks.same_work.naive", naive.QUEUE)
    for _core in range(PROCESSES):
        start_worker(stack)
    systems = [
        System(NO_OP, lambda count: timed(noop, count, count)),
        System(OURS, lambda count: prepared(ours, count)),
        System(NAIVE, lambda count: prepared(naive, count)),
    ]
    if not only_bars:
        start_peer(stack, "benchmarks.naive.tasks", one_row.QUEUE)
        systems.append(System(NAIVE_ONE_ROW, lambda count: prepared(one_row, count)))
    if drivers.is_installed():
        dbos = drivers.Drivers(stack, url, PROCESSES)
        systems.append(
            System(DBOS, lambda count: dbos.run_orders(placed.numbers(count, "dbos")))
        )
        if not only_bars:
            systems.append(System(DBOS_EMPTY, dbos.run_empty))
    return systems


def prepared(system: Any, count: int) -> float:
    """Like ``timed``, with sagas that were written to the database before."""
    return timed(system, count, system.prepare(count))


def timed(system: Any, count: int, work: Any) -> float:
    """Submit the work and return the seconds until all of it is done."""
    goal = system.done() + count
    begin = time.perf_counter()
    system.submit(work)
    pause = 0.001 if count == 1 else 0.02
    while system.done() < goal:
        if time.perf_counter() - begin > PATIENCE:
            message = f"{system.__name__}: {goal - system.done()} of {count} missing"
            raise TimeoutError(message)
        time.sleep(pause)
    return time.perf_counter() - begin


def _report(systems: list[System]) -> None:
    floor = systems[0]
    print(f"{'':24}{'sagas/s':>9}{'to no-op':>22}{'idle p50':>10}")  # noqa: T201
    for system in systems:
        ratios = [
            mine / theirs
            for mine, theirs in zip(system.rates, floor.rates, strict=True)
        ]
        spread = f"{min(ratios):.2f} - {median(ratios):.2f} - {max(ratios):.2f}"
        print(  # noqa: T201
            f"{system.name:24}{system.rate:9.0f}{spread:>22}{system.latency:8.1f} ms"
        )
    figures = {
        system.name: {
            "per_second": [round(rate, 1) for rate in system.rates],
            "idle_ms_p50": round(system.latency, 2),
        }
        for system in systems
    }
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main()
