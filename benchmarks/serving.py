"""Compare ways to serve the shop's pages and its open live pages, on this machine.

``python -m benchmarks.serving all`` compares all candidates, or those that are named;
as part of ``make bench`` it measures the shop's own way. All run at once, each with two
processes, on the same SQLite, and are asked in turns, so that a busy moment meets all
of them. The figures are of 8 clients that keep their connections if they may:

- a page that is made anew (the cart) and one that is kept (the home page), a second,
  with the time that 95 of 100 do not exceed and the processor time of a page;
- the same page that is made anew beside 200 slow connections;
- and beside 1,000 open live pages: how many of them stream (the others poll), how much
  of their speed pages keep, and what the streams alone cost, in processors;
- the memory of the processes (PSS, MB), also with the live pages.

docs/adr/0031 says what came of it.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from benchmarks.memory import pss_mb
from benchmarks.report import Row, is_short, show
from benchmarks.serving_clients import Client, LivePages, Rate, shop, slow_connections
from shop.local.watchdog import Watchdog
from tests.support.ports import free_row
from tests.support.processes import group_members
from tests.support.waiting import wait_until

MADE, KEPT = "/cart/", "/"
ROUNDS = 1 if is_short() else 4
SECONDS = 1.0  # a page and round
LIVE = 200 if is_short() else 1_000
OURS, BESIDE = "this worker", "gunicorn gthread, 16 threads"
GUNICORN = ("gunicorn", "shop.wsgi", "--workers", "2", "--bind", "127.0.0.1:{port}")
ASGI = "benchmarks.serving_asgi"
UVICORN = ("uvicorn", "--no-access-log", "--log-level", "error", "--port", "{port}")
GRANIAN = ("granian", "--workers", "2", "--no-ws", "--log-level", "error")


@dataclass(frozen=True)
class Candidate:
    """Command lines after ``python -m``; streams are asked for at the last one's port.

    ``{port}`` and ``{streams_port}`` are put in.
    """

    name: str
    commands: tuple[tuple[str, ...], ...]

    def lines(self, ports: tuple[int, int]) -> Iterator[list[str]]:
        for command, port in zip(self.commands, ports, strict=False):
            yield [sys.executable, "-m", *(part.format(port=port) for part in command)]


CANDIDATES = [
    Candidate(OURS, (GUNICORN,)),
    Candidate(
        BESIDE,
        ((*GUNICORN, "--worker-class", "gthread", "--threads", "16"),),
    ),
    Candidate(
        "gunicorn sync + an ASGI process",
        (
            (*GUNICORN, "--worker-class", "sync", "--threads", "1"),
            (*UVICORN, f"{ASGI}:streams"),
        ),
    ),
    Candidate(
        "uvicorn + a2wsgi, 1 thread", ((*UVICORN, "--workers", "2", f"{ASGI}:shop"),)
    ),
    Candidate(
        "granian + a2wsgi, 1 thread",
        ((*GRANIAN, "--interface", "asgi", "--port", "{port}", f"{ASGI}:shop"),),
    ),
]


@dataclass
class Running:
    """A candidate whose processes run, and what its clients got."""

    name: str
    port: int
    streams_port: int
    groups: list[int]  # the leaders of its processes
    made: Rate = field(default_factory=Rate)
    kept: Rate = field(default_factory=Rate)
    figures: dict[str, float] = field(default_factory=dict)

    async def ask(self, path: str, seconds: float = SECONDS) -> Rate:
        began = cpu_seconds(self.groups)
        rate = await shop(self.port, path, seconds)
        rate.cpu_seconds = cpu_seconds(self.groups) - began
        return rate

    async def take_turn(self) -> None:
        self.made.add(await self.ask(MADE))
        self.kept.add(await self.ask(KEPT))

    async def stand_slow_connections(self) -> None:
        async with slow_connections(self.port, largest_file()):
            rate = await self.ask(MADE, SECONDS * ROUNDS)
        self.figures["slow_p95"] = rate.p95_ms

    async def stand_live_pages(self, streams: list[str]) -> None:
        live = LivePages(self.port, self.streams_port)
        # Before and after, because other work on this machine comes and goes.
        alone = await self.ask(MADE, SECONDS * ROUNDS)
        async with live.open(streams):
            self.figures["live_mb"] = pss_mb(processes(self.groups))
            self.figures["streams"] = live.streaming
            began = cpu_seconds(self.groups)
            await asyncio.sleep(SECONDS * ROUNDS)
            spent = cpu_seconds(self.groups) - began
            self.figures["live_cpus"] = spent / (SECONDS * ROUNDS)
            beside = await self.ask(MADE, SECONDS * ROUNDS)
        alone.add(await self.ask(MADE, SECONDS * ROUNDS))
        self.figures["live"] = beside.per_second
        self.figures["alone"] = alone.per_second
        self.figures["live_p95"] = beside.p95_ms


def measure() -> list[Row]:
    """Return the rows of the shop's own way. Takes about a minute."""
    found = {one.name: one for one in compare([OURS, BESIDE])}
    ours, beside = found[OURS], found[BESIDE]
    live, alone = ours.figures["live"], ours.figures["alone"]
    rate = beside.made.per_second
    return [
        Row("pages made anew", ours.made.per_second, "/s", BESIDE, rate, at_least=1.0),
        Row(
            f"pages beside {LIVE} open live pages",
            *(live, "/s", "without them", alone),
            at_least=0.9,
        ),
        Row("open live pages that stream", ours.figures["streams"], "", at_least=LIVE),
        Row(f"{LIVE} live pages alone", ours.figures["live_cpus"], "processors"),
        Row("pages beside 200 slow connections", ours.figures["slow_p95"], "ms p95"),
        Row("web processes", ours.figures["mb"], "MB PSS"),
        Row("web processes, with the live pages", ours.figures["live_mb"], "MB PSS"),
    ]


def compare(names: list[str]) -> list[Running]:
    """Run these candidates, or all, and ask them in turns."""
    chosen = [one for one in CANDIDATES if not names or one.name in names]
    with prepared() as streams, ExitStack() as stack:
        found = [stack.enter_context(running(candidate)) for candidate in chosen]
        asyncio.run(ask_all(found, streams))
    return found


async def ask_all(found: list[Running], streams: list[str]) -> None:
    for one in found:
        await one.ask(MADE, SECONDS / 2)
    for _round in range(ROUNDS):
        for one in found:
            await one.take_turn()
    for one in found:
        one.figures["mb"] = pss_mb(processes(one.groups))
        await one.stand_slow_connections()
        await one.stand_live_pages(streams)


@contextmanager
def prepared() -> Iterator[list[str]]:
    """Do as ``prepare`` in a folder that is removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        yield prepare(folder)


def prepare(folder: str) -> list[str]:
    """Make a shop with orders that no worker takes on.

    Return the addresses of their streams.
    """
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": folder,
        "LOG_LEVEL": "ERROR",
        # One address may not have so many streams: each client names its own. All of
        # them ask for more than one client does.
        "API_POINTS_PER_MINUTE": "0",
        "TRUSTED_PROXIES": "1",
        # Uvicorn imports the application within its loop, before any request.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    }
    command = [sys.executable, "manage.py", "prepare"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    import django  # noqa: PLC0415 (the environment has to be set first)

    django.setup()
    from benchmarks import ours  # noqa: PLC0415
    from orders.models import Order  # noqa: PLC0415

    ours.prepare(LIVE)
    newest = Order.objects.order_by("-pk").values_list("uid", flat=True)[:LIVE]
    return [f"/orders/{uid}/stream/" for uid in newest]


@contextmanager
def running(candidate: Candidate) -> Iterator[Running]:
    port = free_row(2)
    ports = (port, port + 1)
    environment, root = dict(os.environ), Path.cwd()
    watchdog = Watchdog()
    children = [
        watchdog.spawn(line, env=environment, output=subprocess.DEVNULL, cwd=root)
        for line in candidate.lines(ports)
    ]
    try:
        wait_until(lambda: answers(port), f"{candidate.name} answers", seconds=60)
        groups = [child.pid for child in children]
        streams_port = ports[len(candidate.commands) - 1]
        yield Running(candidate.name, port, streams_port, groups)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(20)
        watchdog.dismiss()


def answers(port: int) -> bool:
    try:
        return asyncio.run(Client(port).get("/livez")) == HTTPStatus.OK
    except (OSError, TimeoutError):
        return False


def largest_file() -> str:
    """Return the address of the largest of the collected static files."""
    files = Path("staticfiles").rglob("*.*.js")
    largest = max(files, key=lambda file: file.stat().st_size)
    return f"/static/{largest.relative_to('staticfiles')}"


def processes(groups: list[int]) -> list[int]:
    return [process for group in groups for process in group_members(group)]


def cpu_seconds(groups: list[int]) -> float:
    ticks = 0
    for process in processes(groups):
        text = Path(f"/proc/{process}/stat").read_text()
        user, system = text[text.rindex(")") + 1 :].split()[11:13]
        ticks += int(user) + int(system)
    return ticks / os.sysconf("SC_CLK_TCK")


def print_table(found: list[Running]) -> None:
    for one in found:
        figures = {
            "made/s": one.made.per_second,
            "p95 ms": one.made.p95_ms,
            "cpu ms": one.made.cpu_ms,
            "kept/s": one.kept.per_second,
            "kept cpu ms": one.kept.cpu_ms,
            **one.figures,
            "live ratio": one.figures["live"] / one.figures["alone"],
        }
        shown = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
        print(f"{one.name}: {shown}")  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1:]:
        print_table(compare([name for name in sys.argv[1:] if name != "all"]))
    else:
        show(measure())
