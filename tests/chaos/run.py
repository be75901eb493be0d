"""Break the shop in many ways and count lost orders and charges: ``make chaos``.

``python -m tests.chaos.run [--seeds 100 | --seed 17] [--database sqlite] [--warehouse
sandbox | --broker rabbitmq]`` carries out the plans of these seeds on the real
processes, on SQLite and on PostgreSQL at the same time. With a warehouse, and with a
broker outside, a seed means another plan. The last line is JSON. The exit code is 1 if
anything was found.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.chaos.tally import Result, sums, table
from tests.support import rabbitmq

ROOT = Path(__file__).parents[2]
DATABASES = ("sqlite", "postgresql")
REPLICATED = "replicated"  # PostgreSQL with a standby, which takes over in every run
WAREHOUSES = ("manual", "sandbox")
BROKERS = ("bundled", "rabbitmq", "sentinel")
SEEDS = 20  # one of every fault, and eight runs of the kill matrix
SEEDS_OUTSIDE = 10  # one of every fault that a broker outside can have
LOGS = ROOT / "var" / "chaos"


def main() -> int:
    options = _options()
    number = options.seeds or (SEEDS if options.broker == "bundled" else SEEDS_OUTSIDE)
    seeds = [options.seed] if options.seed else list(range(1, number + 1))
    if options.broker == "rabbitmq":
        try:
            rabbitmq.provide(say)
        except rabbitmq.NoRabbitMQ as error:
            say(str(error))
            return 1
    databases = [options.database] if options.database else list(DATABASES)
    progress = Progress(len(seeds) * len(databases))
    results: list[Result] = []
    # The driver reads it; without the option a shell's own setting does not count.
    os.environ["WAREHOUSE"] = options.warehouse
    os.environ["BROKER"] = options.broker
    drivers = [Driver(database, seeds, results, progress) for database in databases]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for driver in drivers:
        driver.start()
    try:
        for driver in drivers:
            driver.join()
    except KeyboardInterrupt:
        # The findings so far are printed all the same.
        for driver in drivers:
            driver.end()
    progress.end()
    broken = {driver.database: driver.last_lines() for driver in drivers if driver.code}
    say(*report(results, broken))
    return verdict(results, broken, asked=progress.total)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, help="carry out 1 to N")
    parser.add_argument("--seed", type=int, help="carry out this one again")
    parser.add_argument(
        "--database", choices=(*DATABASES, REPLICATED), help="only on this one"
    )
    parser.add_argument("--warehouse", choices=WAREHOUSES, default=WAREHOUSES[0])
    parser.add_argument("--broker", choices=BROKERS, default=BROKERS[0])
    options = parser.parse_args()
    if options.warehouse == "sandbox" and options.broker != "bundled":
        parser.error("the plans with a warehouse run with the bundled broker only")
    for name in ("seeds", "seed"):
        given = getattr(options, name)
        if given is not None and given < 1:
            parser.error(f"--{name} must be 1 or more")
    return options


class Progress:
    """The progress line, on stderr."""

    WIDTH = 30

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.bad = 0
        self._begin = time.monotonic()
        self._lock = threading.Lock()

    def add(self, result: Result) -> None:
        with self._lock:
            self.done += 1
            if result.findings:
                self.bad += 1
                self._write("\r\x1b[K" if sys.stderr.isatty() else "")
                for finding in result.findings:
                    self._write(f"{result}: {finding}\n")
            self.show(f"{result.kind}, {result.database}")

    def show(self, what: str) -> None:
        filled = self.WIDTH * self.done // self.total
        bar = "#" * filled + "." * (self.WIDTH - filled)
        seconds = int(time.monotonic() - self._begin)
        text = f"[{bar}] {self.done}/{self.total}, {self.bad} bad, {seconds} s: {what}"
        on_screen = sys.stderr.isatty()
        self._write(f"\r{text}\x1b[K" if on_screen else f"{text}\n")

    def end(self) -> None:
        if sys.stderr.isatty():
            self._write("\n")

    @staticmethod
    def _write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


class Driver(threading.Thread):
    """Runs the process that carries the plans out on one database, and reads it."""

    def __init__(
        self,
        database: str,
        seeds: Sequence[int],
        results: list[Result],
        progress: Progress,
    ) -> None:
        super().__init__()
        self.database = database
        self.code = 0
        self._results = results
        self._progress = progress
        self._seeds = seeds
        self._process: subprocess.Popen[str] | None = None

    @property
    def folder(self) -> Path:
        return LOGS / f"{self.database}{_with_broker('-')}"

    def end(self) -> None:
        """Ask the process to stop its shop, and wait until it has ended."""
        if self._process is not None:
            self._process.terminate()
        self.join()

    def last_lines(self) -> list[str]:
        """Return how the process ended, and the last that it and its shop wrote."""
        return [
            f"it {how_ended(self.code)}; {self.folder / 'driver.log'}:",
            *_last_lines(self.folder / "driver.log", 15),
            *_last_lines(self.folder / "data" / "up.log", 5),
        ]

    @property
    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "tests.chaos.driver", self.database),
            *(str(self.folder), *map(str, self._seeds)),
        ]

    def run(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # Of an earlier run: its last lines would be taken for those of this one.
        (self.folder / "data" / "up.log").unlink(missing_ok=True)
        self._progress.show(f"starting a shop on {self.database}")
        with (
            (self.folder / "driver.log").open("w") as log,
            subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(os.environ),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            ) as process,
        ):
            self._process = process
            for line in process.stdout or ():
                result = Result.read(line)
                self._results.append(result)
                self._progress.add(result)
        self.code = process.returncode


def how_ended(code: int) -> str:
    """Return a process's end in words, by its exit code as subprocess gives it."""
    if code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name
    why = " (out of memory?)" if -code == signal.SIGKILL else ""
    return f"was killed by {name}{why}"


def _last_lines(log: Path, number: int) -> list[str]:
    if not log.exists():
        return [f"(there is no {log.name})"]
    return log.read_text(errors="replace").splitlines()[-number:] or [
        f"({log.name} is empty)"
    ]


# Database -> the last lines of its driver, if it ended with an error.
Broken = Mapping[str, Sequence[str]]


def verdict(results: Sequence[Result], broken: Broken, asked: int) -> int:
    """Return the exit code: 0 only if every run was carried out without a finding."""
    is_whole = len(results) == asked and not broken
    return 0 if is_whole and not any(result.findings for result in results) else 1


def report(results: Sequence[Result], broken: Broken) -> list[str]:
    """Return the lines to print: a table per database, the findings, the sums."""
    kinds = sorted({result.kind for result in results})
    lines = []
    for database in sorted({result.database for result in results}):
        some = [result for result in results if result.database == database]
        lines += ["", f"on {database}{_with_broker(', with ')}", *table(some, kinds)]
    unreached = sum(result.unreached for result in results)
    lines += ["", f"{unreached} kill points that no process reached"]
    for database, last_lines in broken.items():
        lines += [
            f"{database} did not finish:",
            *(f"    {line}" for line in last_lines),
        ]
    lines += [f"{result}: {what}" for result in results for what in result.findings]
    return [*lines, f"logs: {LOGS}", json.dumps(sums(results))]


def _with_broker(before: str) -> str:
    broker = os.environ.get("BROKER", "bundled")
    return "" if broker == "bundled" else f"{before}{broker}"


def say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
