"""Compare the saga with its peers in one run: ``make bench``.

It starts its own PostgreSQL and Valkey, and two worker processes for each system; the
gateway answers at once. It prints the sagas per second and the idle latency of each
system. Ratios to the no-op chain are taken within each round and printed as min -
median - max. The last line is JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from shop.local.broker import BrokerDown, ping, server_argv
from tests.support import postgres
from tests.support.waiting import wait_until

PROCESSES = 2
PATIENCE = 300.0  # seconds for one batch


@dataclass
class System:
    """A system under test. ``run(count)`` does the sagas and returns the seconds."""

    name: str
    run: Callable[[int], float]
    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)


def main() -> None:
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgres.own_server())
        configure(folder, url)
        stack.enter_context(broker(folder))
        systems = _systems(stack, url)
        for system in systems:
            system.run(options.warm_up)
        for _round in range(options.rounds):
            for system in systems:
                system.rates.append(options.count / system.run(options.count))
                system.latencies += [
                    system.run(1) * 1000 for _one in range(options.singles)
                ]
        _report(systems)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="sagas per round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--singles", type=int, default=15, help="latencies per round")
    parser.add_argument("--warm-up", type=int, default=40)
    return parser.parse_args()


def configure(folder: Path, url: str) -> None:
    """Set Django up on an empty database at ``url``, with its files in ``folder``."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "DATABASE_URL": url,
        "REDIS_URL": f"redis+socket://{folder / 'broker.sock'}",
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "ERROR",
    }
    import django  # noqa: PLC0415 (the environment has to be set first)
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


@contextmanager
def broker(folder: Path) -> Iterator[None]:
    """Run our own broker at the address that ``configure`` has set."""
    with _process(list(server_argv(folder, folder / "broker.sock"))):
        wait_until(_answers, "the broker answers")
        yield


def _answers() -> bool:
    try:
        ping(os.environ["REDIS_URL"])
    except BrokerDown:
        return False
    return True


@contextmanager
def _process(argv: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(argv, text=True, **options)  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def start_worker(stack: ExitStack, app: str, queues: str) -> subprocess.Popen[str]:
    """Start a worker of PROCESSES processes, which ends with the stack."""
    return stack.enter_context(
        _process(
            [
                *(sys.executable, "-m", "celery", "-A", app, "worker"),
                *("--pool", "prefork", "--concurrency", str(PROCESSES)),
                *("--queues", queues, "--loglevel", "ERROR"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
            stdout=subprocess.DEVNULL,
        )
    )


def _systems(stack: ExitStack, url: str) -> list[System]:
    # Imported here, because these modules read the environment.
    from benchmarks import noop, ours  # noqa: PLC0415
    from benchmarks.naive import tasks as naive  # noqa: PLC0415
    from checkout.flow.definition import CHECKOUT  # noqa: PLC0415

    start_worker(stack, "benchmarks.noop", noop.QUEUE)
    start_worker(stack, "benchmarks.naive.tasks", naive.QUEUE)
    start_worker(stack, "shop", ",".join(CHECKOUT.links))
    return [
        System("no-op chain, 5 links", lambda count: timed(noop, count, count)),
        System("ours, 5 durable steps", lambda count: prepared(ours, count)),
        System("naive saga, 3 tasks", lambda count: prepared(naive, count)),
        System("DBOS, 5 steps", _dbos(stack, url)),
    ]


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


def _dbos(stack: ExitStack, url: str) -> Callable[[int], float]:
    drivers = [
        stack.enter_context(
            _process(
                [sys.executable, "-m", "benchmarks.dbos_saga", url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        )
        for _process_number in range(PROCESSES)
    ]
    for driver in drivers:
        _expect(driver, "ready")

    def run(count: int) -> float:
        share = [count // PROCESSES + (n < count % PROCESSES) for n in range(PROCESSES)]
        begin = time.perf_counter()
        busy = [(d, n) for d, n in zip(drivers, share, strict=True) if n]
        for driver, part in busy:
            if driver.stdin:
                print(part, file=driver.stdin, flush=True)
        for driver, _part in busy:
            _expect(driver, "done")
        return time.perf_counter() - begin

    return run


def _expect(driver: subprocess.Popen[str], word: str) -> None:
    for line in driver.stdout or ():
        if line.strip() == word:
            return
    message = f"DBOS ended before it said {word!r}"
    raise RuntimeError(message)


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
            f"{system.name:24}{median(system.rates):9.0f}{spread:>22}"
            f"{median(system.latencies):8.1f} ms"
        )
    figures = {
        system.name: {
            "per_second": [round(rate, 1) for rate in system.rates],
            "idle_ms_p50": round(median(system.latencies), 2),
        }
        for system in systems
    }
    print(json.dumps(figures))  # noqa: T201


if __name__ == "__main__":
    main()
