"""Run the real processes for tests: ``manage.py up`` with its own ports and data."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, connections

from shop.local.control import NotRunning, ask
from shop.local.paths import Paths
from shop.local.watchdog import Watchdog
from tests.support.ports import free_row
from tests.support.processes import group_members
from tests.support.waiting import wait_until

_numbers = count(1)
ROOT = Path(__file__).parents[2]

# Short waits, so that faults are repaired within seconds.
IMPATIENT = {
    "SAGA_LEASE": "4",
    "STRIPE_TIMEOUT": "2",
    "SAGA_MESSAGE_GRACE": "1",
    "SAGA_RETRY_BASE": "0.1",
    # The alert of a second order with the same cause comes at the end of the window.
    "ALERT_WINDOW": "15",
    # All customers of a test have the address of this machine.
    "CARD_TRIES_PER_HOUR": "0",
    "CARDS_PER_HOUR": "0",
    "UNPAID_ORDERS_PER_EMAIL": "0",
    "UNPAID_HOLD_PERCENT": "100",
    "UNPAID_HOLD_PERCENT_PER_ADDRESS": "100",
}


@dataclass
class LiveStack:
    """A running shop. Service names: broker, stripe, web, worker, sweeper."""

    paths: Paths
    port: int
    environment: Mapping[str, str]
    database: Mapping[str, Any]
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def warehouse_url(self) -> str:
        """Return the warehouse sandbox's address; it runs with WAREHOUSE=sandbox."""
        return f"http://127.0.0.1:{self.port + 2}"

    @property
    def mail_dir(self) -> Path:
        return self.paths.mail_dir

    @property
    def redis_url(self) -> str:
        """Return the broker's address for ``redis.Redis.from_url``."""
        return f"unix://{self.paths.broker_socket}"

    def services(self) -> dict[str, dict[str, Any]]:
        """Return name -> state, healthy, pid and restarts, asked now."""
        answer = ask(self.paths.control_socket, "status")
        return {service["name"]: service for service in answer["services"]}

    def is_ready(self) -> bool:
        self._require_running()
        try:
            return bool(ask(self.paths.control_socket, "status")["ready"])
        except NotRunning:
            return False

    def wait_until_ready(self) -> None:
        """Wait for the first start. Raises AssertionError with the last of its log."""
        try:
            wait_until(self.is_ready, "the shop is ready", seconds=150, pause=0.2)
        except AssertionError as error:
            error.add_note(f"{self.log}:\n{self.last_log_lines(20)}")
            raise

    def stop(self, name: str) -> None:
        """Stop a service; it stays down until ``start``."""
        ask(self.paths.control_socket, "stop", name)

    def start(self, name: str) -> None:
        """Start a stopped service and wait until it is healthy."""
        self.begin(name)
        self.wait_for(name)

    def begin(self, name: str) -> None:
        """Start a stopped service without waiting for it."""
        ask(self.paths.control_socket, "start", name)

    def kill(self, name: str) -> None:
        """Kill -9 the service's whole group; the supervisor restarts it."""
        ask(self.paths.control_socket, "kill", name)

    def freeze(self, name: str) -> None:
        """Send SIGSTOP to the service and its children."""
        self._signal_group(name, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self._signal_group(name, signal.SIGCONT)

    def pids(self, name: str) -> list[int]:
        """Return the processes of the service, its leader first."""
        return group_members(self.services()[name]["pid"])

    def wait_for(self, *names: str) -> None:
        """Wait until these services (all, without names) are healthy."""
        wait_until(
            lambda: self._are_healthy(names),
            f"{', '.join(names) or 'all services'} healthy",
            seconds=90,
        )

    def restore(self) -> None:
        """Start or continue every service that a test has stopped; wait for all."""
        for name, service in self.services().items():
            if service["state"] == "stopped":
                self.begin(name)
            elif service["pid"]:
                self._signal_group(name, signal.SIGCONT)
        self.wait_for()

    def manage(self, *arguments: str, check: bool = True) -> str:
        """Run a command of ``manage.py`` on this shop. Return its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if check and done.returncode != 0:
            message = f"manage.py {' '.join(arguments)}: {done.stdout}{done.stderr}"
            raise AssertionError(message)
        return done.stdout

    def manage_json(self, *arguments: str) -> Any:
        return json.loads(self.manage(*arguments, "--json"))

    def last_log_lines(self, number: int = 60) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-number:])

    @contextmanager
    def as_database(self) -> Iterator[None]:
        """Let Django in this process, in all threads, use this shop's database."""
        if connection.in_atomic_block:
            message = "a test uses either live_stack or the db fixtures, not both"
            raise RuntimeError(message)
        connections.close_all()
        configured = connections.settings["default"]
        before = configured["NAME"]
        configured["NAME"] = connection.settings_dict["NAME"] = self.database["NAME"]
        try:
            yield
        finally:
            connections.close_all()
            configured["NAME"] = connection.settings_dict["NAME"] = before

    def _are_healthy(self, names: tuple[str, ...]) -> bool:
        self._require_running()
        services = self.services()
        return all(
            services[name]["state"] in {"running", "done"} and services[name]["healthy"]
            for name in names or services
        )

    def _require_running(self) -> None:
        if self.process.poll() is not None:
            message = f"the shop's processes ended:\n{self.last_log_lines()}"
            raise AssertionError(message)

    def _signal_group(self, name: str, number: int) -> None:
        os.killpg(self.services()[name]["pid"], number)


@contextmanager
def live_stack(
    folder: Path, database_port: int | None = None, /, **variables: str
) -> Iterator[LiveStack]:
    """Run a shop in ``folder``. Its processes end with this one.

    It gets a new database on the server of the tests' own one, or a new file.
    ``database_port`` is the port of a proxy between the shop and that server.
    ``variables`` change its environment.
    """
    # Of the shop, its Stripe sandbox and its warehouse sandbox.
    port = free_row(3)
    url, database = own_database(folder, database_port)
    environment = {
        **os.environ,
        **IMPATIENT,
        **url,
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        **variables,
    }
    environment.pop("MAKELEVEL", None)
    folder.mkdir(parents=True, exist_ok=True)
    # ``make chaos`` has one shop only, which prepares itself, and so has every server
    # of its own.
    is_new = not Paths(folder).database.exists()
    if is_new and not url and "TODOKU_TESTS" in os.environ:
        shutil.copytree(prepared(environment), folder, dirs_exist_ok=True)
    elif url and settings.SETTINGS_MODULE == "tests.support.settings":
        fill(folder, environment, database["NAME"])
    log = folder / "up.log"
    watchdog = Watchdog()
    with log.open("wb") as output:
        process = watchdog.spawn(
            [sys.executable, "manage.py", "up"],
            env=environment,
            output=output,
            cwd=ROOT,
        )
    stack = LiveStack(Paths(folder), port, environment, database, log, process)
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        process.terminate()
        try:
            process.wait(40)
        finally:
            watchdog.dismiss()


def fill(folder: Path, environment: Mapping[str, str], database: str) -> None:
    """Copy the prepared shop into a folder and a database of PostgreSQL."""
    name = "live_prepared"
    its_own = {**environment, **address_of(name)}
    source = prepared(its_own, "prepared-postgresql", lambda: make(name))
    shutil.copytree(source, folder, dirs_exist_ok=True)
    make(database, template=name)


def prepared(
    environment: Mapping[str, str],
    name: str = "prepared",
    before: Callable[[], None] = lambda: None,
) -> Path:
    """Return a data folder with tables and goods, made once for all stacks.

    ``before`` is called once, too. tests/shop/local/test_up.py checks that a shop can
    make them itself.
    """
    folder = Path(os.environ["TODOKU_TESTS"]) / name
    done = folder.with_suffix(".done")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            before()
            subprocess.run(
                [sys.executable, "manage.py", "prepare"],
                cwd=ROOT,
                env={**environment, "DATA_DIR": str(folder)},
                stdout=subprocess.DEVNULL,
                check=True,
            )
            done.touch()
    return folder


def own_database(
    folder: Path, port: int | None = None
) -> tuple[dict[str, str], dict[str, Any]]:
    """Make a database for one stack. Return its variables and Django's settings.

    ``port`` is that of the server for the stack's processes, if it differs from ours.
    """
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return {}, {"NAME": str(Paths(folder).database)}
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"live_{worker}_{os.getpid()}_{next(_numbers)}"
    make(name)
    return address_of(name, port), {"NAME": name}


def make(name: str, template: str = "template1") -> None:
    """Make a database of this name, which replaces one, on the tests' own server."""
    maintenance = address_of("postgres")["DATABASE_URL"]
    made, source = psycopg.sql.Identifier(name), psycopg.sql.Identifier(template)
    with psycopg.connect(maintenance, autocommit=True) as connection:
        for statement in (
            psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(made),
            psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(made, source),
        ):
            connection.execute(statement)


def address_of(name: str, port: int | None = None) -> dict[str, str]:
    """Return the variable that names this database of the tests' own server."""
    configured = settings.DATABASES["default"]
    user = f"{configured['USER']}:{configured['PASSWORD']}".rstrip(":")
    hosts = str(configured["HOST"]).split(",")
    ports = str(port or configured["PORT"] or 5432).split(",")
    # With a standby: whichever of both takes writes.
    wanted = configured["OPTIONS"].get("target_session_attrs")
    query = f"?target_session_attrs={wanted}" if wanted else ""
    places = ",".join(f"{host}:{port}" for host, port in zip(hosts, ports, strict=True))
    return {"DATABASE_URL": f"postgres://{user}@{places}/{name}{query}"}
