"""Sweepers that are back within milliseconds when they die; as many as wanted.

Each is ``manage.py sweeper`` in a process of its own. Only the start is shared: they
are forked from one process that has loaded the shop: a matrix kills a hundred of them.
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
    """Let so many more sweepers look after this shop, beside its own one."""
    watchdog = Watchdog()
    log = stack.log.with_name("nursery.log")
    with log.open("ab") as output:
        begin = output.tell()
        nursery = watchdog.spawn(
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
        nursery.terminate()
        try:
            nursery.wait(20)
        except TimeoutExpired:
            nursery.kill()
        watchdog.dismiss()


def main(number: int) -> None:
    """Keep ``number`` sweepers alive until SIGTERM."""
    django.setup()
    # By this a process is known for what it is, see kill_points.trigger.
    sys.argv = ["manage.py", "sweeper"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    children = {_begin() for _sweeper in range(number)}
    try:
        while True:
            child, status = os.wait()
            children.remove(child)
            if os.WIFEXITED(status):
                sys.exit("a sweeper ended by itself")
            children.add(_begin())
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)


def _begin() -> int:
    child = os.fork()
    if child == 0:
        try:
            call_command("sweeper")
        except Exception:  # noqa: BLE001 (said here, for the parent's loop is not ours)
            traceback.print_exc()
        finally:
            os._exit(0)
    return child


if __name__ == "__main__":
    main(int(sys.argv[1]))
