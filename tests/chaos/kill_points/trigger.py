"""Kill points: an order's mail address names one, and a file arms it.

The address ``capture_payment.called@group.worker.7.kill.example`` means: when a worker
reaches this point with this order, its whole process group ends by SIGKILL. The file is
removed first, so it happens once; for ``poison`` it stays, so it happens every time.
"""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path

from django.conf import settings


class Way(StrEnum):
    """How the process dies."""

    PROCESS = "process"  # the process that has the step, with all its threads
    GROUP = "group"  # the worker or the web server as a whole; a sweeper is one process
    POISON = "poison"  # the process that has the step, every time
    STOP = "stop"  # it does not die: SIGSTOP, and a file holds its id


class Role(StrEnum):
    """Which kind of process dies; no other kind does."""

    ANY = "any"
    WEB = "web"
    WORKER = "worker"
    SWEEPER = "sweeper"


_numbers = count(1)


@dataclass(frozen=True)
class Trap:
    """The kill point of one order."""

    point: str
    way: Way = Way.PROCESS
    role: Role = Role.ANY
    number: int = 0

    @property
    def address(self) -> str:
        return f"{self.point}@{self.way}.{self.role}.{self.number}.kill.example"

    @classmethod
    def of(cls, address: str) -> "Trap | None":
        """Return the trap that an order's mail address names, or None."""
        point, _, host = address.partition("@")
        if not host.endswith(".kill.example"):
            return None
        way, role, number, *_rest = host.split(".")
        return cls(point, Way(way), Role(role), int(number))


def arm(data_dir: Path, point: str, way: Way, role: Role = Role.ANY) -> str:
    """Arm the kill point. Return the mail address for its order."""
    armed = folder(data_dir) / Trap(point, way, role, next(_numbers)).address
    armed.parent.mkdir(exist_ok=True)
    armed.touch()
    return armed.name


def disarm(data_dir: Path, address: str) -> None:
    """Remove the file that arms the kill point. Twice is once."""
    (folder(data_dir) / address).unlink(missing_ok=True)


def folder(data_dir: Path) -> Path:
    return data_dir / "kill"


def still_armed(data_dir: Path) -> list[str]:
    """Return the addresses whose kill point no process has reached yet."""
    if not folder(data_dir).exists():
        return []
    return sorted(file.name for file in folder(data_dir).glob("*@*"))


def died_at(data_dir: Path, address: str) -> float | None:
    """Return when this order killed a process (epoch seconds), or None."""
    note = _note(folder(data_dir) / address, "died")
    return note.stat().st_mtime if note.exists() else None


def stopped_process(data_dir: Path, address: str) -> int | None:
    """Return the id of the process that stopped itself for this order, or None."""
    note = _note(folder(data_dir) / address, "stopped")
    return int(note.read_text()) if note.exists() else None


def reach(point: str, address: str) -> None:
    """Die (or stop) if the address arms this ``point`` for this kind of process."""
    trap = Trap.of(address)
    if trap is None or trap.point != point or trap.role not in (Role.ANY, own_role()):
        return
    armed = folder(settings.DATA_DIR) / address
    died = _note(armed, "died")
    if trap.way is Way.POISON:
        if armed.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return
    try:
        armed.rename(died)
    except FileNotFoundError:
        return
    died.touch()
    if trap.way is Way.STOP:
        # By another process, which sees when no other thread is in a transaction. This
        # thread waits for it, and so goes on when its process was woken.
        stopper = (sys.executable, "-m", "tests.chaos.kill_points.stopper")
        note = _note(armed, "stopped")
        subprocess.run([*stopper, str(os.getpid()), str(note)], check=True)
    elif trap.way is Way.GROUP and own_role() is not Role.SWEEPER:
        os.killpg(os.getpgrp(), signal.SIGKILL)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def own_role() -> Role:
    """Return the kind of this process, read from its command line."""
    return next((role for role in Role if role in sys.argv), Role.WEB)


def _note(armed: Path, what: str) -> Path:
    return armed.with_name(f"{what}-{armed.name.replace('@', '-')}")
