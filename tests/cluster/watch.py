"""Monitoring, as it would stand beside the hosts: what it sees of a fault, and when.

Each second it asks every web and stream host by its number whether it lives, and the
web hosts for ``/readyz`` and ``/metrics``, as docs/operations/monitoring.md says.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from tests.cluster.files import METRICS_TOKEN, PORTS
from tests.cluster.plan import HOSTS, Role

EVERY = 1.0  # seconds
PATIENCE = 3.0  # seconds for an answer
_ALIVE = re.compile(r'^todoku_processes\{role="(\w+)"\} (\d+)', re.MULTILINE)
_BREAKER = re.compile(r'^todoku_breaker_open\{dependency="(\w+)"\} 1', re.MULTILINE)
_CLOCK = re.compile(r"^todoku_clock_offset_seconds (\S+)", re.MULTILINE)
TOLERANCE = 5.0  # seconds; of the rule ClockWrong


@dataclass
class Watch:
    """What is seen of a fault: words -> seconds since it began."""

    seen: dict[str, float] = field(default_factory=dict)
    _began: float = 0.0
    _normal: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch until the block ends."""
        self._normal = {}
        look_for_signs(self._normal)
        over = threading.Event()
        self._began = time.monotonic()

        def repeat() -> None:
            while not over.wait(EVERY):
                for sign in look_for_signs(self._normal):
                    self.seen.setdefault(sign, time.monotonic() - self._began)

        thread = threading.Thread(target=repeat)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def first(self) -> tuple[str, float] | None:
        """Return what was seen first, and after how many seconds."""
        return min(self.seen.items(), key=lambda each: each[1], default=None)


def look_for_signs(normal: dict[str, int]) -> list[str]:
    """Return what is not as it should be.

    ``normal`` has the number of processes of each role, and learns the largest.
    """
    signs: list[str] = []
    for host in HOSTS:
        if host.role not in PORTS:
            continue
        site = f"http://{host.address}:{PORTS[host.role]}"
        try:
            requests.get(f"{site}/livez", timeout=PATIENCE)
        except requests.RequestException:
            signs.append(f"{host.name} does not answer")
            continue
        if host.role is Role.WEB:
            signs += _asked(site, normal)
    return signs


def _asked(site: str, normal: dict[str, int]) -> list[str]:
    try:
        return _ill(site) + _metrics(site, normal)
    except requests.RequestException:
        return ["/readyz or /metrics does not answer"]


def _ill(site: str) -> list[str]:
    parts = requests.get(f"{site}/readyz", timeout=PATIENCE).json()["ill"]
    # Without the numbers, which differ from one look to the next.
    return [f"/readyz: {part.partition(':')[0]}" for part in parts]


def _metrics(site: str, normal: dict[str, int]) -> list[str]:
    token = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    text = requests.get(f"{site}/metrics", timeout=PATIENCE, headers=token).text
    signs = []
    for role, number in _ALIVE.findall(text):
        usual = normal[role] = max(normal.get(role, 0), int(number))
        if int(number) < usual:
            signs.append(f"/metrics: fewer processes, {role}")
    down = _BREAKER.findall(text)
    signs += [f"/metrics: {dependency} does not answer" for dependency in down]
    clock = _CLOCK.search(text)
    if clock and float(clock[1]) > TOLERANCE:
        signs.append("/metrics: a clock")
    return signs
