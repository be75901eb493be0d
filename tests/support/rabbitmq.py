"""A RabbitMQ for the tests: Debian's, as a node of our own in a folder of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kombu import Connection

from shop.configuration.broker import Broker, BrokerDown, describe, ping
from shop.local.watchdog import Watchdog
from tests.support import apt
from tests.support.ports import free_port
from tests.support.waiting import wait_until

PACKAGE = "rabbitmq-server"
# Not in /usr/sbin: that one insists on the user and folders of the whole machine.
PROGRAMS = Path("/usr/lib/rabbitmq/bin")
USER, PASSWORD = "todoku", "a-long-random-password"
START_SECONDS = 90
# Of one processor, because the shop and its tests share the machine with it.
SMALL = "+S 1:1 +sbwt none"


class NoRabbitMQ(Exception):
    """RabbitMQ is not installed, and cannot be."""

    def __init__(self, why: object = "it is not installed") -> None:
        super().__init__(f"RabbitMQ is missing: {why} (apt-get install {PACKAGE})")


def is_installed() -> bool:
    return (PROGRAMS / "rabbitmq-server").exists() and bool(shutil.which("epmd"))


def provide(say: Callable[[str], None]) -> None:
    """Install RabbitMQ where it is missing. Raises NoRabbitMQ."""
    if is_installed():
        return
    say(f"Installing {PACKAGE} ...")
    try:
        apt.update()
        apt.install(PACKAGE)
    except apt.NoApt as error:
        raise NoRabbitMQ(error) from error
    if not is_installed():
        raise NoRabbitMQ


@dataclass
class RabbitMQ:
    """One node, with the faults that it can have."""

    folder: Path
    port: int
    environment: dict[str, str]
    watchdog: Watchdog
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"amqp://{USER}:{PASSWORD}@127.0.0.1:{self.port}//"

    @property
    def broker(self) -> Broker:
        return describe(self.url)

    @property
    def variables(self) -> dict[str, str]:
        """Return the settings of a shop that uses it."""
        return {"BROKER_URL": self.url}

    def begin(self) -> None:
        """Start the node without waiting for it."""
        with (self.folder / "log").open("ab") as log:
            self.process = self.watchdog.spawn(
                [str(PROGRAMS / "rabbitmq-server")],
                env=self.environment,
                output=log,
                cwd=self.folder,
            )

    def start(self) -> None:
        """Start the node unless it runs, and wait until it answers."""
        if self.process is None:
            self.begin()
        wait_until(
            self.answers,
            f"RabbitMQ answers: {self.folder}/log",
            seconds=START_SECONDS,
            pause=0.2,
        )

    def answers(self) -> bool:
        try:
            ping(self.broker)
        except BrokerDown:
            return False
        return True

    def kill(self) -> None:
        """Kill -9 the node: what it had not written is lost."""
        if self.process is None:
            return
        self._signal(signal.SIGKILL)
        self.process.wait(20)
        self.watchdog.forget(self.process)
        self.process = None

    def stop(self) -> None:
        self.kill()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def purge(self, queues: list[str]) -> None:
        """Throw away the messages that wait in these queues."""
        with Connection(self.url, connect_timeout=2) as connection:
            for queue in queues:
                channel: Any = connection.channel()
                try:
                    channel.queue_purge(queue)
                except connection.channel_errors:
                    continue  # nobody has declared it yet; this ends the channel
                channel.close()

    def cut(self) -> None:
        """End all connections."""
        self.ctl("close_all_connections", "cut by a test")

    def fill(self) -> None:
        """Let it have no memory left: it takes no message, and says nothing."""
        self.ctl("set_vm_memory_high_watermark", "0")

    def empty(self) -> None:
        self.ctl("set_vm_memory_high_watermark", "0.4")

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl. Return its output."""
        done = subprocess.run(
            [str(PROGRAMS / "rabbitmqctl"), "--quiet", *arguments],
            env=self.environment,
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout

    def _signal(self, number: int) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, number)


@contextmanager
def running_rabbitmq(*lines: str) -> Iterator[RabbitMQ]:
    """Run a node; it ends with this process. ``lines`` are added to its settings."""
    if not is_installed():
        raise NoRabbitMQ
    folder = Path(tempfile.mkdtemp(prefix="todoku-rabbitmq-"))
    port, names = free_port(), free_port()
    write_settings(folder, port, lines)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": "todoku@localhost",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": SMALL,
        "RABBITMQ_CTL_ERL_ARGS": SMALL,
    }
    watchdog = Watchdog()
    # The node would start it as a daemon of the machine, which outlives everybody.
    names_server = watchdog.spawn(
        [str(shutil.which("epmd")), "-port", str(names)],
        env=environment,
        output=subprocess.DEVNULL,
    )
    node = RabbitMQ(folder, port, environment, watchdog)
    try:
        node.start()
        yield node
    finally:
        node.kill()
        watchdog.dismiss()
        names_server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def write_settings(folder: Path, port: int, lines: tuple[str, ...]) -> None:
    settings = (
        f"listeners.tcp.1 = 127.0.0.1:{port}",
        "log.console = true",
        "log.console.level = warning",
        "log.file = false",
        f"default_user = {USER}",
        f"default_pass = {PASSWORD}",
        "disk_free_limit.absolute = 1MB",
        *lines,
    )
    (folder / "rabbitmq.conf").write_text("\n".join(settings) + "\n")
    (folder / "plugins").write_text("[].\n")
