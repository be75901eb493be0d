"""A worker that is started as everybody would start it takes every message."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from sqlite3 import connect

import pytest
from django.utils import timezone

from saga.heartbeat import SILENT_AFTER, beat
from saga.models import Heartbeat
from shop.health.queues import describe_listeners, required_queues, unheard_queues
from shop.local.broker import server_argv
from shop.local.paths import Paths, prepare_socket
from tests.support.live import prepared
from tests.support.variables import settings_variables
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[3]


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_queue_is_heard_while_a_living_worker_listens_to_it() -> None:
    first, *others = required_queues()
    assert unheard_queues() == [first, *others]

    beat("worker", [first])
    assert unheard_queues() == others
    assert describe_listeners() == f"no worker listens to {', '.join(others)}"

    beat("worker", required_queues())
    assert describe_listeners() == "ok"

    Heartbeat.objects.update(seen_at=timezone.now() - SILENT_AFTER - timedelta(1))
    assert unheard_queues() == [first, *others]


@pytest.mark.both_databases
@pytest.mark.django_db
def test_other_processes_listen_to_no_queue() -> None:
    beat("sweeper")

    assert unheard_queues() == required_queues()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a prepared shop with a broker, in which nothing else runs."""
    clean = {k: v for k, v in os.environ.items() if k not in settings_variables()}
    environment = {
        **clean,
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "ENV_FILE": os.devnull,
        "WORKERS": "1",
    }
    paths = Paths(tmp_path / "data")
    environment["DATA_DIR"] = str(paths.data_dir)
    copytree(prepared(environment), paths.data_dir)
    paths.broker_dir.mkdir(exist_ok=True)
    prepare_socket(paths.broker_socket)
    argv = server_argv(paths.broker_dir, paths.broker_socket)
    with running(argv, environment):
        yield environment


@contextmanager
def running(argv: tuple[str, ...], environment: dict[str, str]) -> Iterator[Path]:
    """Run a program of the machine. Yield the file with all that it writes."""
    log = Path(environment["DATA_DIR"]) / f"{Path(argv[0]).name}.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            argv, cwd=ROOT, env=environment, stdout=output, stderr=output
        ) as process,
    ):
        try:
            yield log
        finally:
            process.terminate()
            try:
                # On a busy machine the end of a worker takes long, too.
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def heard_in(environment: dict[str, str]) -> set[str]:
    """Return the queues that the workers of that shop have reported."""
    path = Path(environment["DATA_DIR"]) / "db.sqlite3"
    # A worker closes its connection after each report. The last one to be closed locks
    # the file, and on a busy machine for longer than the usual 5 s.
    with closing(connect(path, timeout=60)) as database:
        rows = database.execute("SELECT queues FROM saga_heartbeat").fetchall()
    return {queue for (queues,) in rows for queue in queues.split(",") if queue}


@pytest.mark.parametrize(
    ("options", "heard"),
    [((), set(required_queues())), (("-Q", "checkout"), {"checkout"})],
)
def test_the_plain_command_listens_to_every_queue(
    machine: dict[str, str], options: tuple[str, ...], heard: set[str]
) -> None:
    command = (sys.executable, "-m", "celery", "-A", "shop", "worker", *options)

    with running(command, machine) as log:
        try:
            wait_until(lambda: heard_in(machine), "the worker reports", seconds=150)
        except AssertionError as error:
            error.add_note(log.read_text())
            raise

        assert heard_in(machine) == heard
