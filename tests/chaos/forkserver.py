"""Extra sweepers that restart within milliseconds after they are killed.

Each is ``manage.py sweeper`` in its own process, forked from one process that has
loaded the shop, because the kill matrix kills about a hundred of them.
"""

import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import TimeoutExpired

import django
from django.core.management import call_command

from shop.local.watchdog import Watchdog
from tests.support.live import ROOT, LiveStack
from tests.support.waiting import wait_until


@contextmanager
def sweepers(stack: LiveStack, number: int = 1) -> Iterator[None]:
    """Run ``number`` sweepers for this shop, in addition to its own one."""
    watchdog = Watchdog()
    log = stack.log.with_name("forkserver.log")
    with log.open("ab") as output:
        begin = output.tell()
        forkserver = watchdog.spawn(
            [sys.executable, "-m", "tests.chaos.forkserver", str(number)],
            env=stack.environment,
            output=output,
            cwd=ROOT,
        )
    try:
        wait_until(
            lambda: log.read_bytes()[begin:].count(b"sweeping") >= number,
            f"{number} sweepers",
            seconds=90,
        )
        yield
    finally:
        forkserver.terminate()
        try:
            forkserver.wait(20)
        except TimeoutExpired:
            forkserver.kill()
        watchdog.dismiss()


def main(number: int) -> None:
    """Keep ``number`` sweepers alive until SIGTERM."""
    django.setup()
    # kill_points.trigger recognises a sweeper by its command line.
    sys.argv = ["manage.py", "sweeper"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    children = {_fork_sweeper() for _sweeper in range(number)}
    try:
        while True:
            child, status = os.wait()
            children.remove(child)
            if os.WIFEXITED(status):
                sys.exit("a sweeper ended by itself")
            children.add(_fork_sweeper())
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)


def _fork_sweeper() -> int:
    child = os.fork()
    if child == 0:
        try:
            call_command("sweeper")
        except Exception:  # noqa: BLE001 (the parent process reports nothing)
            traceback.print_exc()
        finally:
            os._exit(0)
    return child


if __name__ == "__main__":
    main(int(sys.argv[1]))
