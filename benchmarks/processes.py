"""What a benchmark starts: the settings, a broker and workers of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from shop.configuration.broker import BrokerDown, describe, ping
from shop.local.broker import server_argv
from tests.support.waiting import wait_until

PROCESSES = 2


def configure(folder: Path, url: str = "", **variables: str) -> None:
    """Set Django up on an empty database, with its files in ``folder``.

    It is the database at ``url``, or without one SQLite in ``folder``.
    """
    os.environ.pop("DATABASE_URL", None)
    if url:
        os.environ["DATABASE_URL"] = url
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "REDIS_URL": f"redis+socket://{folder / 'broker.sock'}",
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "ERROR",
        **variables,
    }
    import django  # noqa: PLC0415 (the environment has to be set first)
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


@contextmanager
def broker(folder: Path) -> Iterator[None]:
    """Run our own broker at the address that ``configure`` has set."""
    with running(list(server_argv(folder, folder / "broker.sock"))):
        wait_until(_answers, "the broker answers")
        yield


def _answers() -> bool:
    try:
        ping(describe(os.environ["REDIS_URL"]))
    except BrokerDown:
        return False
    return True


@contextmanager
def running(argv: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a process until the end of the block."""
    process = subprocess.Popen(argv, text=True, **options)  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def start_worker(stack: ExitStack) -> subprocess.Popen[str]:
    """Start the worker that ``make up`` starts: one process, threads, all queues."""
    # Imported here, because the module reads the settings.
    from shop.local.services import describe_worker  # noqa: PLC0415

    argv = [*describe_worker(()).argv, "--loglevel", "ERROR"]
    return stack.enter_context(running(argv, stdout=subprocess.DEVNULL))


def start_peer(stack: ExitStack, app: str, queue: str) -> None:
    """Start a worker of PROCESSES processes, Celery's default for two cores."""
    argv = [
        *(sys.executable, "-m", "celery", "-A", app, "worker"),
        *("--pool", "prefork", "--concurrency", str(PROCESSES)),
        *("--queues", queue, "--loglevel", "ERROR"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]
    stack.enter_context(running(argv, stdout=subprocess.DEVNULL))
