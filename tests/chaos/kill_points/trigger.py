"""Who dies where: an order's mail address names the place, a file arms it.

The address ``capture_payment.called@group.kill`` means: when this order has come so
far, the whole process group ends by SIGKILL. The file is taken away first, so it
happens once; for ``poison`` it stays, so it happens every time.
"""

import os
import signal
from enum import StrEnum
from pathlib import Path

from django.conf import settings


class Way(StrEnum):
    """How to die."""

    PROCESS = "process"  # the one process that has the step
    GROUP = "group"  # the worker or the sweeper as a whole
    POISON = "poison"  # the one process, every time
    STOP = "stop"  # not at all: SIGSTOP, and the file says who waits to be woken


def address(point: str, way: Way) -> str:
    return f"{point}@{way}.kill.example"


def arm(data_dir: Path, point: str, way: Way) -> str:
    """Make the point deadly; return the mail address of the order it is meant for."""
    armed = folder(data_dir) / address(point, way)
    armed.parent.mkdir(exist_ok=True)
    armed.touch()
    return armed.name


def folder(data_dir: Path) -> Path:
    return data_dir / "kill"


def still_armed(data_dir: Path) -> list[str]:
    if not folder(data_dir).exists():
        return []
    return sorted(file.name for file in folder(data_dir).glob("*@*"))


def stopped_process(data_dir: Path, mail_address: str) -> int | None:
    """Return the process that stopped itself for this order, once it has."""
    note = folder(data_dir) / f"stopped-{mail_address.replace('@', '-')}"
    return int(note.read_text()) if note.exists() else None


def reach(point: str, email: str) -> None:
    """Say that the order with this address has come to ``point``: die if meant."""
    name, _, host = email.partition("@")
    if name != point or not host.endswith(".kill.example"):
        return
    way = Way(host.split(".")[0])
    armed = folder(settings.DATA_DIR) / email
    if way is Way.POISON:
        if armed.exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return
    try:
        armed.unlink()
    except FileNotFoundError:
        return
    if way is Way.STOP:
        note = armed.with_name(f"stopped-{email.replace('@', '-')}")
        note.with_suffix(".new").write_text(str(os.getpid()))
        note.with_suffix(".new").rename(note)
        os.kill(os.getpid(), signal.SIGSTOP)
    elif way is Way.GROUP:
        os.killpg(os.getpgrp(), signal.SIGKILL)
    else:
        os.kill(os.getpid(), signal.SIGKILL)
