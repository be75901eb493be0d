"""Two Valkey servers and three Sentinels that watch them, from the bundled binary."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from redis.sentinel import Sentinel

from shop.configuration.broker import BETWEEN, Broker, BrokerDown, describe, ping
from shop.local.broker import server_program
from shop.local.watchdog import Watchdog
from tests.support.ports import free_port
from tests.support.waiting import wait_until

MASTER = "todoku"
PASSWORD = "a-long-random-password"
SENTINELS_PASSWORD = "another-long-random-password"
SERVERS, SENTINELS = 2, 3
# Milliseconds: how long a master is silent until it counts as down, and how long until
# a failover that failed is tried again.
DOWN_AFTER, FAILOVER_TIMEOUT = 1_000, 4_000


@dataclass
class Sentinels:
    """The servers and Sentinels by port, with the faults that they can have."""

    folder: Path
    watchdog: Watchdog
    servers: list[int]
    sentinels: list[int]
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    frozen: int = 0  # the port of the server that is stopped

    @property
    def url(self) -> str:
        return BETWEEN.join(
            f"sentinel://:{PASSWORD}@127.0.0.1:{port}/0" for port in self.sentinels
        )

    @property
    def broker(self) -> Broker:
        return describe(self.url, master=MASTER, sentinel_password=SENTINELS_PASSWORD)

    @property
    def variables(self) -> dict[str, str]:
        """Return the settings of a shop that uses them."""
        return {
            "BROKER_URL": self.url,
            "BROKER_SENTINEL_MASTER": MASTER,
            "BROKER_SENTINEL_PASSWORD": SENTINELS_PASSWORD,
        }

    def begin(self) -> None:
        """Start what does not run, without waiting for it."""
        for port in (*self.servers, *self.sentinels):
            if port not in self.processes:
                self._spawn(port)

    def start(self) -> None:
        """Start what does not run, and wait until a failover would succeed."""
        self.begin()
        wait_until(self.is_whole, f"the Sentinels agree: {self.folder}", seconds=60)

    def is_whole(self) -> bool:
        """Return whether all Sentinels see each other, a master and its replica."""
        try:
            seen = [self._asked(port) for port in self.sentinels]
        except redis.RedisError:
            return False
        return self.answers() and all(
            (
                state["num-other-sentinels"],
                state["num-slaves"],
                state["flags"],
                replicas,
            )
            == (SENTINELS - 1, SERVERS - 1, "master", ["slave"] * (SERVERS - 1))
            for state, replicas in seen
        )

    def answers(self) -> bool:
        try:
            ping(self.broker)
        except BrokerDown:
            return False
        return True

    def master(self) -> int:
        """Return the port of the present master."""
        watching: Any = Sentinel(  # type: ignore[no-untyped-call]
            [("127.0.0.1", port) for port in self.sentinels],
            sentinel_kwargs={"password": SENTINELS_PASSWORD, "socket_timeout": 1},
        )
        return int(watching.discover_master(MASTER)[1])

    def kill(self) -> None:
        """Kill -9 all servers and all Sentinels."""
        for port in list(self.processes):
            self._kill(port)

    def kill_master(self) -> None:
        """Kill -9 the master, and wait until the other server is it."""
        before = self.master()
        self._kill(before)
        wait_until(lambda: self._is_not(before), "a failover", seconds=60)

    def stop(self) -> None:
        self.kill()

    def freeze(self) -> None:
        """Stop the master. The Sentinels take it for dead before it wakes."""
        self.frozen = self.master()
        os.kill(self.processes[self.frozen].pid, signal.SIGSTOP)

    def thaw(self) -> None:
        if self.frozen:
            os.kill(self.processes[self.frozen].pid, signal.SIGCONT)
            self.frozen = 0

    def purge(self, _queues: list[str]) -> None:
        with suppress(redis.ConnectionError), self._server(self.master()) as server:
            server.flushall()

    def cut(self) -> None:
        """End all connections of clients."""
        with self._server(self.master()) as server:
            server.client_kill_filter(_type="normal", skipme=True)
            server.client_kill_filter(_type="pubsub", skipme=True)

    def _is_not(self, before: int) -> bool:
        try:
            return self.master() != before
        except redis.ConnectionError:
            return False

    def _server(self, port: int) -> redis.Redis:
        return redis.Redis(port=port, password=PASSWORD, socket_timeout=2)

    def _asked(self, port: int) -> tuple[dict[str, object], list[str]]:
        """Return what a Sentinel knows of the master, and the flags of its replicas."""
        with redis.Redis(
            port=port, password=SENTINELS_PASSWORD, socket_timeout=1
        ) as sentinel:
            state = sentinel.sentinel_master(MASTER)
            replicas = sentinel.sentinel_slaves(MASTER)
        return state, [str(replica["flags"]) for replica in replicas]

    def _spawn(self, port: int) -> None:
        arguments = ["--sentinel"] if port in self.sentinels else []
        with (self.folder / f"{port}.log").open("ab") as log:
            self.processes[port] = self.watchdog.spawn(
                [server_program(), str(self.folder / f"{port}.conf"), *arguments],
                env=dict(os.environ),
                output=log,
                cwd=self.folder,
            )

    def _kill(self, port: int) -> None:
        process = self.processes.pop(port)
        process.kill()
        process.wait(10)
        self.watchdog.forget(process)


@contextmanager
def running_sentinels() -> Iterator[Sentinels]:
    """Run servers and Sentinels; they end with this process."""
    folder = Path(tempfile.mkdtemp(prefix="todoku-sentinels-"))
    servers = [free_port() for _server in range(SERVERS)]
    sentinels = [free_port() for _sentinel in range(SENTINELS)]
    for port in servers:
        write(folder, port, *server_lines(servers[0], is_first=port == servers[0]))
    for port in sentinels:
        write(folder, port, *sentinel_lines(servers[0]))
    watchdog = Watchdog()
    running = Sentinels(folder, watchdog, servers, sentinels)
    try:
        running.start()
        yield running
    finally:
        watchdog.dismiss()
        for process in running.processes.values():
            process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def write(folder: Path, port: int, *lines: str) -> None:
    """Write the configuration, which the program itself keeps up to date."""
    common = (f"port {port}", "bind 127.0.0.1", f"dir {folder}", "loglevel notice")
    path = folder / f"{port}.conf"
    path.write_text("\n".join((*common, *lines)) + "\n")


def server_lines(first: int, *, is_first: bool) -> list[str]:
    return [
        'save ""',
        "appendonly no",
        f"requirepass {PASSWORD}",
        f"masterauth {PASSWORD}",
        "repl-diskless-sync-delay 0",
        *([] if is_first else [f"replicaof 127.0.0.1 {first}"]),
    ]


def sentinel_lines(first: int) -> list[str]:
    return [
        f"requirepass {SENTINELS_PASSWORD}",
        f"sentinel monitor {MASTER} 127.0.0.1 {first} 2",
        f"sentinel auth-pass {MASTER} {PASSWORD}",
        f"sentinel sentinel-pass {SENTINELS_PASSWORD}",
        f"sentinel down-after-milliseconds {MASTER} {DOWN_AFTER}",
        f"sentinel failover-timeout {MASTER} {FAILOVER_TIMEOUT}",
    ]
