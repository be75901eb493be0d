"""``manage.py up`` with all processes: start, kill, start again, stop."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.local.control import NotRunning, ask
from shop.local.paths import Paths
from tests.support.live import ROOT
from tests.support.ports import free_row
from tests.support.processes import having_variable, is_alive
from tests.support.waiting import wait_until


class Up:
    """One installation in a folder, started and ended by the test."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder)
        self.port = free_row(2)
        self.log = folder.parent / "up.log"
        self.variables = {
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "WORKERS": "1",
            # Where setproctitle is installed, gunicorn and Celery name their processes
            # with it, over the variables by which this test finds them.
            "SPT_NOENV": "1",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self, **variables: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self.variables, **variables}
        environment.pop("MAKELEVEL", None)
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self.process

    def wait_ready(self) -> None:
        wait_until(self.is_ready, "the shop is ready", seconds=150, pause=0.2)

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return bool(ask(self.paths.control_socket, "status")["ready"])
        except NotRunning:
            return False

    def processes(self) -> list[int]:
        return having_variable("DATA_DIR", str(self.paths.data_dir))


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    # Characters that need quoting in URLs.
    installation = Up(tmp_path / "shop #1 届け")
    yield installation
    if installation.process is not None:
        installation.process.kill()
        installation.process.wait()
        wait_until(lambda: not installation.processes(), "all has ended")


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def test_it_survives_kill_minus_nine_and_ctrl_c_without_orphans(up: Up) -> None:
    first = up.launch()
    up.wait_ready()
    assert "Ready after" in up.log.read_text()
    assert "<h1" in page(f"http://127.0.0.1:{up.port}/")
    processes = up.processes()
    assert len(processes) >= 8, "watchdog, broker, sandbox, web, worker, ..."
    up.paths.mail_dir.joinpath("kept.txt").write_text("kept")

    first.kill()
    first.wait()

    wait_until(lambda: not up.processes(), "kill -9 leaves no orphan")
    assert not any(map(is_alive, processes))

    # Without PORT: the one of the last start, and its data.
    del up.variables["PORT"]
    second = up.launch()
    up.wait_ready()
    assert "left as they are" in up.log.read_text()
    assert up.paths.mail_dir.joinpath("kept.txt").read_text() == "kept"
    assert "<h1" in page(f"http://127.0.0.1:{up.port}/")

    second.send_signal(signal.SIGINT)

    assert second.wait(30) == 0
    assert up.processes() == []
    log = up.log.read_text()
    order = ["sweeper", "worker", "web", "stripe", "broker"]
    positions = [log.index(f"stopping {name}") for name in order]
    assert positions == sorted(positions)
    assert "Traceback" not in log


def test_a_taken_port_is_refused_before_anything_starts(up: Up) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(up.port + 1)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as other:
        wait_until(lambda: listens(up.port + 1), "the port is taken")

        code = up.launch().wait(30)

        other.kill()
    assert code == 1
    assert up.log.read_text() == (
        f"CommandError: Port {up.port + 1} (for the Stripe sandbox, always PORT + 1) "
        "is taken by another program. Choose another pair: make up PORT=8010\n"
    )


def test_an_outside_broker_and_provider_are_not_started(up: Up) -> None:
    """With BROKER_URL and a Stripe key, broker and sandbox are not started."""
    up.launch(
        BROKER_URL=f"redis://127.0.0.1:{up.port}/0",
        STRIPE_SECRET_KEY="sk_test_own",
        STRIPE_PUBLISHABLE_KEY="pk_test_own",
        STRIPE_WEBHOOK_SECRET="whsec_own",
        STRIPE_API_BASE="http://127.0.0.1:9",
    )
    wait_until(
        lambda: "starting prepare, web, worker, sweeper on" in up.log.read_text(),
        "the list of services",
    )


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return bool(probe.connect_ex(("127.0.0.1", port)) == 0)


def test_the_supervisor_loads_neither_the_application_nor_the_broker_client() -> None:
    heavy = ("celery", "redis", "django.db", "django.core.management", "stripe")
    program = (
        "import sys; from shop.local import stack; stack.read_plan();"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "shop.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
