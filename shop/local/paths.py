"""The folders, sockets and ports of one installation, all below ``DATA_DIR``.

The settings import this module, so it must not import Django. ``manage.py up``
records its port in ``DATA_DIR/ports.json``; every other command with the same
``DATA_DIR`` reads it and finds the same broker, sandbox and URL.
"""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

# A unix socket's path must fit sockaddr_un.sun_path: 108 bytes on Linux, 104 on macOS.
SOCKET_PATH_LIMIT = 100
DEFAULT_PORT = 8000


class UnsafeSocketFolder(Exception):
    """Another user owns the folder of our socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"{folder} belongs to another user, so no socket is put there. "
            "Remove it, or choose a shorter DATA_DIR."
        )


@dataclass(frozen=True)
class Paths:
    """The folders of one local installation, and the port of its last start."""

    data_dir: Path

    @property
    def database(self) -> Path:
        return self.data_dir / "db.sqlite3"

    @property
    def broker_dir(self) -> Path:
        return self.data_dir / "broker"

    @property
    def broker_socket(self) -> Path:
        return plain_socket(self.broker_dir / "valkey.sock")

    @property
    def control_socket(self) -> Path:
        """The socket on which ``manage.py up`` listens for ``manage.py services``."""
        return plain_socket(self.data_dir / "control.sock")

    @property
    def lock_file(self) -> Path:
        return self.data_dir / "up.lock"

    @property
    def sandbox_dir(self) -> Path:
        return self.data_dir / "stripe"

    @property
    def warehouse_dir(self) -> Path:
        return self.data_dir / "warehouse"

    @property
    def mail_dir(self) -> Path:
        return self.data_dir / "mail"

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"

    @property
    def ports_file(self) -> Path:
        return self.data_dir / "ports.json"

    def recorded_port(self) -> int:
        """Return the web port of the last start, or the default if there was none.

        Raises ValueError if the file is damaged.
        """
        try:
            return int(json.loads(self.ports_file.read_text())["port"])
        except (FileNotFoundError, NotADirectoryError):
            return DEFAULT_PORT
        except (KeyError, TypeError, ValueError) as error:
            message = f"{self.ports_file} is damaged; delete it and start again"
            raise ValueError(message) from error

    def record_port(self, port: int) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.ports_file.write_text(json.dumps({"port": port}) + "\n")


def plain_socket(path: Path) -> Path:
    """Return ``path``, or a path in the temporary folder if ``path`` cannot be used.

    A socket's path has to fit the kernel's limit and to be part of a broker URL, where
    "#" and "%" have a meaning.
    """
    fits = len(os.fsencode(path)) <= SOCKET_PATH_LIMIT
    if fits and quote(str(path)) == str(path):
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"todoku-{os.getuid()}"
    return folder / f"{digest}-{path.name}"


def prepare_socket(path: Path) -> None:
    """Make the socket's folder, for its owner only. Raises UnsafeSocketFolder."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Every user can write to the temporary folder: a folder that exists already may
    # have been made by another user who wants to read our traffic.
    if path.parent.lstat().st_uid != os.getuid():
        raise UnsafeSocketFolder(path.parent)
