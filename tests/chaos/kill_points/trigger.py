"""Who dies where: an order's mail address names the place, a file arms it.

The address ``capture_payment.called@group.worker.7.kill.example`` means: when this
order has come so far in a worker, the whole process group ends by SIGKILL. The file is
taken away first, so it happens once; for ``poison`` it stays, so it happens every time.
"""

import os
import signal
import sys
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path

from django.conf import settings


class Way(StrEnum):
    """How to die."""

    PROCESS = "process"  # the one process that has the step
    GROUP = "group"  # the worker or the web server as a whole; a sweeper is one process
    POISON = "poison"  # the one process, every time
    STOP = "stop"  # not at all: SIGSTOP, and the file says who waits to be woken


class Role(StrEnum):
    """Which process dies; in any other one, the order just passes."""

    ANY = "any"
    WEB = "web"
    WORKER = "worker"
    SWEEPER = "sweeper"


_numbers = count(1)


@dataclass(frozen=True)
class Trap:
    """One order's place to die."""

    point: str
    way: Way = Way.PROCESS
    role: Role = Role.ANY
    number: int = 0

    @property
    def address(self) -> str:
        return f"{self.point}@{self.way}.{self.role}.{self.number}.kill.example"

    @classmethod
    def of(cls, address: str) -> "Trap | None":
        """Return the trap that an order's mail address describes, if it does."""
        point, _, host = address.partition("@")
        if not host.endswith(".kill.example"):
            return None
        way, role, number, *_rest = host.split(".")
        return cls(point, Way(way), Role(role), int(number))


def arm(data_dir: Path, point: str, way: Way, role: Role = Role.ANY) -> str:
    """Make the point deadly; return the mail address of the order it is meant for."""
    armed = folder(data_dir) / Trap(point, way, role, next(_numbers)).address
    armed.parent.mkdir(exist_ok=True)
    armed.touch()
    return armed.name


def disarm(data_dir: Path, address: str) -> None:
    """Make the point harmless again; without effect when it was never reached."""
    (folder(data_dir) / address).unlink(missing_ok=True)


def folder(data_dir: Path) -> Path:
    return data_dir / "kill"


def still_armed(data_dir: Path) -> list[str]:
    """Return the addresses whose place no process has reached yet."""
    if not folder(data_dir).exists():
        return []
    return sorted(file.name for file in folder(data_dir).glob("*@*"))


def died_at(data_dir: Path, address: str) -> float | None:
    """Return when the process died that this order was meant to kill; epoch seconds."""
    note = _note(folder(data_dir) / address, "died")
    return note.stat().st_mtime if note.exists() else None


def stopped_process(data_dir: Path, address: str) -> int | None:
    """Return the process that stopped itself for this order, once it has."""
    note = _note(folder(data_dir) / address, "stopped")
    return int(note.read_text()) if note.exists() else None


def reach(point: str, address: str) -> None:
    """Say that the order with this address has come to ``point``: die if meant."""
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
        note = _note(armed, "stopped")
        note.with_suffix(".new").write_text(str(os.getpid()))
        note.with_suffix(".new").rename(note)
        os.kill(os.getpid(), signal.SIGSTOP)
    elif trap.way is Way.GROUP and own_role() is not Role.SWEEPER:
        os.killpg(os.getpgrp(), signal.SIGKILL)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def own_role() -> Role:
    """Return what this process is, by the command line that started it."""
    return next((role for role in Role if role in sys.argv), Role.WEB)


def _note(armed: Path, what: str) -> Path:
    return armed.with_name(f"{what}-{armed.name.replace('@', '-')}")
