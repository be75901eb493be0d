"""Allow one ``manage.py up`` per DATA_DIR, on ports that are free."""

import errno
import fcntl
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

# The watchdog of a killed run holds the lock until the last process has ended.
WAIT_SECONDS = 6.0
HIGHEST_PORT = 65_535


class AlreadyRunning(Exception):
    """Another ``manage.py up`` works on this DATA_DIR."""

    def __init__(self, data_dir: Path, holder: str) -> None:
        self.data_dir = data_dir
        self.holder = holder
        super().__init__(
            f"Already running on {data_dir} ({holder}). Stop it there (Ctrl-C), "
            "or start a second shop with its own data: "
            "make up PORT=8010 DATA_DIR=var-2"
        )


class PortTaken(Exception):
    """Another program listens on a port that is needed."""

    def __init__(self, port: int, purpose: str, setting: str) -> None:
        self.port = port
        self.purpose = purpose
        super().__init__(
            f"Port {port} (for {purpose}) is taken by another program. {setting}"
        )


class PortOutOfRange(Exception):
    """PORT, or PORT + 1, is not a valid port number."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"PORT={port} cannot be used: choose a number from 1 to "
            f"{HIGHEST_PORT - 1}, for example PORT=8010"
        )


def take_lock(path: Path, say: Callable[[str], None]) -> int:
    """Lock the file until every copy of the returned descriptor is closed.

    Waits up to WAIT_SECONDS for a run that is ending. Raises AlreadyRunning.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + WAIT_SECONDS
    while not _locked(descriptor):
        holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
        if _alive(holder) or time.monotonic() > deadline:
            os.close(descriptor)
            raise AlreadyRunning(path.parent, holder or "its lock is held")
        say("waiting for the previous run to end")
        time.sleep(0.5)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()}\n".encode(), 0)
    return descriptor


def require_free(port: int, purpose: str, fix: str) -> None:
    """Raise PortTaken, with the advice ``fix``, if a program listens on the port.

    Raises PortOutOfRange if it is not a port number.
    """
    if not 0 < port <= HIGHEST_PORT:
        raise PortOutOfRange(port)
    with socket.socket() as probe:
        # As servers do: a port in TIME_WAIT after our last run counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except PermissionError as error:
            raise PortTaken(port, purpose, f"({error.strerror}) {fix}") from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(port, purpose, fix) from error


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(holder: str) -> bool:
    try:
        os.kill(int(holder.removeprefix("process ")), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
