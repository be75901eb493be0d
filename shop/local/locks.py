"""Is this place free? One ``manage.py up`` per DATA_DIR, and ports nobody holds."""

import errno
import fcntl
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

# A killed predecessor's guardian holds the lock until the last process is dead.
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
    """PORT, or the one after it, is no port that can be listened on."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"PORT={port} cannot be used: choose a number from 1 to "
            f"{HIGHEST_PORT - 1}, for example PORT=8010"
        )


def lock(path: Path, say: Callable[[str], None]) -> int:
    """Take the lock file for as long as the returned descriptor is open anywhere.

    Waits a little for a predecessor that is just ending. Raises AlreadyRunning.
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
    """Raise PortTaken, with ``fix`` as the way out, if somebody listens on it."""
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
