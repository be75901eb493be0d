"""Memory and processor time of each host, read from /proc."""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.machines import Machines

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Gauge:
    """What a host uses: memory in MB (PSS), and processor seconds since its start."""

    memory: float
    processor: float


def read(machines: Machines) -> dict[str, Gauge]:
    """Return host -> what its processes use now."""
    owner = {
        _space(first): name
        for name, process in machines.running.items()
        for first in _children(process.pid)
    }
    memory: dict[str, float] = defaultdict(float)
    processor: dict[str, float] = defaultdict(float)
    for place in Path("/proc").glob("[0-9]*"):
        try:
            host = owner.get(_space(int(place.name)))
            if host is None:
                continue
            memory[host] += _proportional(place)
            processor[host] += _seconds(place)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it ended while we were reading, or is not to be looked at
    return {name: Gauge(memory[name], processor[name]) for name in memory}


def _children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(word) for word in text.split()]


def _space(process: int) -> str:
    """Return the namespace of process numbers in which a process is."""
    return str(Path(f"/proc/{process}/ns/pid").readlink())


def _proportional(place: Path) -> float:
    for line in (place / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0  # a zombie has no memory


def _seconds(place: Path) -> float:
    """Return the processor time of the process and of its children that ended."""
    text = (place / "stat").read_text()
    fields = text[text.rindex(")") + 2 :].split()
    # utime, stime, cutime and cstime are the fields 14 to 17 of proc(5).
    return sum(map(int, fields[11:15])) / _TICKS
