"""The names of processes in claims and heartbeats, and which of them have ended.

A name is ``host:pid:token``. The host and the number are for people. The token names
the machine (or container) and the start of the process, because numbers are used again
and hosts may share a name. No other process ever has the same name.
"""

import hashlib
import os
import secrets
import socket
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# A zombie, and a process that is just being removed.
_ENDED = frozenset("ZX")
# What makes the numbers of two processes comparable: the start of the kernel, and the
# namespaces of process numbers and of times. Linux only.
_MACHINE = (
    "/proc/sys/kernel/random/boot_id",
    "/proc/self/ns/pid",
    "/proc/self/ns/time",
)
_LONGEST_HOST = 60


@dataclass(frozen=True)
class _Status:
    """What Linux says about a process. ``start`` is its beginning, in clock ticks."""

    state: str
    start: str


def own_name() -> str:
    """Return the name of this process."""
    return _name_of(os.getpid())


def has_ended(name: str) -> bool:
    """Return whether the process of that name has certainly ended.

    False if it is alive, stopped or frozen, and if it runs on another machine, of which
    this process knows nothing.
    """
    return is_alive(name) is False


def is_alive(name: str) -> bool | None:
    """Return whether the process of that name has not ended; None if unknown here."""
    _host, _, rest = name.partition(":")
    pid, _, token = rest.partition(":")
    machine, _, start = token.partition("-")
    if machine != _machine() or not pid.isdecimal():
        return None
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # alive, and another user's
    status = _status(int(pid))
    if status is None:
        # The number is in use, perhaps by a later process.
        return None
    return status.start == start and status.state not in _ENDED


@cache
def _name_of(pid: int) -> str:
    # Asked with the number, because a forked process must not inherit the name.
    status = _status(pid)
    start = status.start if status else secrets.token_hex(4)
    return f"{socket.gethostname()[:_LONGEST_HOST]}:{pid}:{_machine()}-{start}"


@cache
def _machine() -> str:
    try:
        boot, *spaces = _MACHINE
        known = [Path(boot).read_text(), *map(os.readlink, spaces)]
    except OSError:
        known = [str(uuid.getnode())]
    return hashlib.sha256("".join(known).encode()).hexdigest()[:8]


def _status(pid: int) -> _Status | None:
    """Return the status of a process, or None if there is no /proc or it is hidden."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The second field is the program in brackets, which may contain anything.
    fields = line.rpartition(")")[2].split()
    return _Status(state=fields[0], start=fields[19])
