"""Start and end the hosts: each has its own network, process numbers and name."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import redis
import requests

from shop.local.watchdog import Watchdog
from tests.cluster.files import DATABASE, SANDBOX, SITE, Files
from tests.cluster.network import alone, inside
from tests.cluster.plan import BY_NAME, HOSTS, Host, Role, of_role
from tests.support import faketime
from tests.support.units import ROOT
from tests.support.waiting import wait_until

# Each host has process numbers, mounts, a name and a network of its own. When its first
# process ends, the kernel ends all others.
ALONE = (
    *("unshare", "--pid", "--uts", "--ipc", "--mount", "--fork"),
    *("--kill-child=KILL", "--mount-proc", "--"),
)
STARTED_WITHIN = 180.0  # seconds, on a busy machine


@dataclass
class Machines:
    """All hosts, which end with this process."""

    files: Files
    watchdog: Watchdog = field(default_factory=Watchdog)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def power_on(self, host: Host) -> None:
        home = self.files.home(host)
        program = alone("host.py", str(home / "host.json"))
        (home / "control").unlink(missing_ok=True)
        with (home / "host.log").open("ab") as log:
            self.running[host.name] = self.watchdog.spawn(
                inside(host.namespace, *ALONE, *program),
                env=dict(os.environ),
                output=log,
                cwd=ROOT,
            )
        wait_until((home / "control").exists, f"{host.name} is up: {home}", seconds=60)

    def power_off(self, host: Host) -> None:
        """End all processes of the host at once, by SIGKILL."""
        process = self.running.pop(host.name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        self.watchdog.forget(process)

    def end(self) -> None:
        self.watchdog.dismiss()

    def ask(
        self, host: Host, act: str, extra: Mapping[str, str] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Give an order to the host's service manager. Return the services' states."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(30)
            line.connect(str(self.files.home(host) / "control"))
            line.sendall(json.dumps({"act": act, "extra": dict(extra or {})}).encode())
            line.sendall(b"\n")
            with line.makefile("rb") as answer:
                states: dict[str, dict[str, Any]] = json.loads(answer.readline())
        return states

    def is_ready(self, host: Host) -> bool:
        assert self.running[host.name].poll() is None, f"{host.name} went down"
        try:
            states = self.ask(host, "status")
        except OSError:
            return False  # it is being started
        return all(state["ready"] for state in states.values())

    def wait_for(self, *hosts: Host) -> None:
        """Wait until the services of these hosts say that they are ready."""
        for host in hosts:
            wait_until(
                lambda host=host: self.is_ready(host),  # type: ignore[misc]
                f"{host.name} is ready; its logs are in {self.files.home(host)}",
                seconds=STARTED_WITHIN,
                pause=0.2,
            )

    def restart(self, host: Host, extra: Mapping[str, str] | None = None) -> None:
        """Stop the host's services as systemd does, start them again, wait for them."""
        self.ask(host, "stop")
        wait_until(
            lambda: not any(s["running"] for s in self.ask(host, "status").values()),
            f"the services of {host.name} ended",
            seconds=STARTED_WITHIN,
            pause=0.2,
        )
        self.ask(host, "start", extra)
        self.wait_for(host)

    def set_clock(self, host: Host, seconds: int) -> None:
        """Run the host's services where the wall clock is wrong; 0 sets it right."""
        wrong = faketime.variables(timedelta(seconds=seconds)) if seconds else None
        self.restart(host, wrong)


@contextmanager
def started(folder: Path) -> Iterator[Machines]:
    """Write the files, start all hosts, make the tables; at the end all is ended."""
    files = Files(folder)
    files.write()
    machines = Machines(files)
    try:
        for role in (Role.DATABASE, Role.BROKER, Role.OUTSIDE, Role.PROXY):
            machines.power_on(of_role(role))
        wait_until(database_answers, "PostgreSQL answers", seconds=60, pause=0.2)
        prepare(files)
        for host in HOSTS:
            if host.runs_the_shop:
                machines.power_on(host)
        machines.wait_for(*HOSTS)
        wait_until(
            lambda: broker_answers(files) and page_answers(files, SITE),
            "the shop answers through its proxy",
            seconds=60,
        )
        wait_until(lambda: page_answers(files, SANDBOX, "/healthz"), "the provider")
        yield machines
    finally:
        machines.end()


def prepare(files: Files) -> None:
    """Do what todoku-prepare.service does, after what the how-to does before."""
    files.manage("check")
    files.manage("collectstatic", "--noinput", "--verbosity", "0")
    files.manage("migrate", "--noinput", "--verbosity", "0")
    files.manage("staff_groups")
    files.manage("check_inflight")


def database_answers() -> bool:
    try:
        psycopg.connect(DATABASE, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def broker_answers(files: Files) -> bool:
    home = files.home(BY_NAME["worker1"])
    url = (home / "secrets" / "BROKER_URL").read_text().strip()
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2) as broker:
            return bool(broker.ping())
    except redis.RedisError:
        return False


def page_answers(files: Files, site: str, path: str = "/") -> bool:
    try:
        answer = requests.get(site + path, timeout=10, verify=str(files.certificate))
    except requests.RequestException:
        return False
    return answer.ok
