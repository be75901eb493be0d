"""A PostgreSQL with a streaming standby, which takes over when the primary dies."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from shop.local.watchdog import Watchdog
from tests.support import postgres
from tests.support.ports import free_port
from tests.support.waiting import wait_until

OPTIONS = {
    **postgres.OPTIONS,
    "wal_level": "replica",
    "max_wal_senders": "10",
    "wal_keep_size": "256MB",
    "shared_buffers": "128MB",
}
# As docs/operations/failover.md gives them; a test compares.
SYNCHRONOUS = "ALTER SYSTEM SET synchronous_standby_names = '*'"
ASYNCHRONOUS = "ALTER SYSTEM SET synchronous_standby_names = ''"
PROMOTE = "SELECT pg_promote()"
WHO_FOLLOWS = "SELECT application_name, state, sync_state FROM pg_stat_replication"
RELOAD = "SELECT pg_reload_conf()"
# Of the standby: it follows nobody any more.
ALONE = "ALTER SYSTEM SET primary_conninfo = ''"


@dataclass
class Pair:
    """Two servers by port; ``primary`` is the one that takes writes."""

    folder: Path
    binaries: Path
    user: str | None
    watchdog: Watchdog
    primary: int
    standby: int
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the address of the shop: of both, whichever takes writes."""
        first, second = sorted((self.primary, self.standby))
        hosts = f"127.0.0.1:{first},127.0.0.1:{second}"
        return f"postgres://postgres@{hosts}/postgres?target_session_attrs=read-write"

    def ask(self, port: int, *statements: str) -> list[tuple[object, ...]]:
        """Run statements as the administrator. Return the rows of the last one."""
        address = f"postgres://postgres@127.0.0.1:{port}/postgres"
        rows: list[tuple[object, ...]] = []
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
                rows = cursor.fetchall() if cursor.description else []
        return rows

    def follow(self) -> None:
        """Make the standby anew from the primary; commits wait for it from then on."""
        shutil.rmtree(self._data(self.standby), ignore_errors=True)
        self._run(
            *("pg_basebackup", "--pgdata", str(self._data(self.standby))),
            *("--host", "127.0.0.1", "--port", str(self.primary)),
            *("--username", "postgres", "--write-recovery-conf"),
            *("--checkpoint", "fast", "--no-sync"),
        )
        self._start(self.standby)
        self.ask(self.primary, SYNCHRONOUS, RELOAD)
        wait_until(
            lambda: [row[2] for row in self.ask(self.primary, WHO_FOLLOWS)] == ["sync"],
            f"the standby follows: {self.folder}",
            seconds=60,
        )

    def lose_the_standby(self) -> None:
        """Let commits wait for nobody, and the standby hear of none any more."""
        self.ask(self.primary, ASYNCHRONOUS, RELOAD)
        self.ask(self.standby, ALONE, RELOAD)
        wait_until(
            lambda: self.ask(self.primary, WHO_FOLLOWS) == [],
            "nobody follows",
            seconds=60,
        )

    def fail_over(self) -> None:
        """Kill the primary (immediate shutdown), and promote the standby."""
        died = self.processes.pop(self.primary)
        died.send_signal(signal.SIGQUIT)
        died.wait(20)
        self.watchdog.forget(died)
        self.ask(self.standby, PROMOTE)
        self.primary, self.standby = self.standby, self.primary

    def begin(self) -> None:
        """Make an empty primary, and a standby that follows it."""
        postgres.create_cluster(self.binaries, self._data(self.primary), self.user)
        self._start(self.primary)
        self.follow()

    def _data(self, port: int) -> Path:
        return self.folder / str(port)

    def _start(self, port: int) -> None:
        options = {**OPTIONS, "port": str(port)}
        settings = [part for pair in options.items() for part in ("-c", "=".join(pair))]
        with (self.folder / f"{port}.log").open("ab") as log:
            self.processes[port] = self.watchdog.spawn(
                [
                    str(self.binaries / "postgres"),
                    "-D",
                    str(self._data(port)),
                    *settings,
                ],
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
                output=log,
                cwd=self.folder,
                last_signal="QUIT",
                user=self.user,
            )
        wait_until(lambda: self._answers(port), f"PostgreSQL answers: {self.folder}")

    def _answers(self, port: int) -> bool:
        try:
            self.ask(port, "SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.binaries / program), *arguments],
            user=self.user,
            group=pwd.getpwnam(self.user).pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
            cwd=self.folder,
            check=True,
            capture_output=True,
        )


@contextmanager
def running_pair() -> Iterator[Pair]:
    """Run a primary and its standby, empty; they end with this process."""
    folder = Path(tempfile.mkdtemp(prefix="todoku-standby-"))
    user = postgres.UNPRIVILEGED if os.geteuid() == 0 else None
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    binaries = (
        postgres.reachable_binaries(folder)
        if user
        else postgres.package() / postgres.BIN
    )
    watchdog = Watchdog()
    pair = Pair(folder, binaries, user, watchdog, free_port(), free_port())
    try:
        pair.begin()
        yield pair
    finally:
        watchdog.dismiss()
        for process in pair.processes.values():
            process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
