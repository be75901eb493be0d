"""The watchdog kills all children when their starter has ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from shop.local.watchdog import Watchdog
from shop.local.watchdog_process import end_groups, read_watched
from tests.support.processes import group_members, is_alive
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[3]

# A child with a child of its own; both ignore SIGTERM.
GROUP = "trap '' TERM; sleep 600 & wait"

STARTER = f"""
import subprocess, sys, time
from shop.local.watchdog import Watchdog
child = Watchdog().spawn(
    ["/bin/sh", "-c", {GROUP!r}], env={{}}, output=subprocess.DEVNULL
)
print(child.pid, flush=True)
time.sleep(600)
"""


def test_kill_minus_nine_of_the_starter_ends_the_whole_group() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    with starter.stdout:
        child = int(starter.stdout.readline())
    wait_until(lambda: len(group_members(child)) == 2, "both are running")

    starter.kill()
    starter.wait()

    wait_until(lambda: not group_members(child), "the group has ended", seconds=5)


def test_dismissing_the_watchdog_kills_what_is_left() -> None:
    watchdog = Watchdog()
    child = watchdog.spawn(["sleep", "600"], env={}, output=subprocess.DEVNULL)

    watchdog.dismiss()

    assert child.wait(5) == -signal.SIGKILL


def test_a_killed_watchdog_is_replaced_and_still_knows_the_children() -> None:
    watchdog = Watchdog()
    child = watchdog.spawn(
        ["/bin/sh", "-c", "echo up; exec sleep 600"], env={}, output=subprocess.PIPE
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"up\n"
    process = watchdog._process
    assert process is not None
    process.kill()
    process.wait()
    assert not watchdog.is_running()

    watchdog.renew()

    assert watchdog.is_running()
    watchdog.dismiss()
    assert child.wait(5) == -signal.SIGKILL


def test_a_child_does_not_hold_the_pipe_open() -> None:
    watchdog = Watchdog()
    child = watchdog.spawn(
        ["readlink", "/proc/self/fd/0"], env=os.environ, output=subprocess.PIPE
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.read() == b"/dev/null\n"
    assert child.wait(5) == 0
    watchdog.forget(child)
    watchdog.dismiss()


def test_watch_and_forget_are_read_in_order() -> None:
    lines = ["watch 10\n", "watch 20 QUIT\n", "forget 10\n", "forget 99\n"]

    assert read_watched(lines) == {20: signal.SIGQUIT}


def test_a_group_that_ignores_its_signal_is_killed_after_the_grace() -> None:
    stubborn = subprocess.Popen(["/bin/sh", "-c", GROUP], start_new_session=True)
    wait_until(lambda: len(group_members(stubborn.pid)) == 2, "both are running")
    gone = subprocess.Popen(["/bin/true"], start_new_session=True)
    gone.wait()

    end_groups({stubborn.pid: signal.SIGTERM, gone.pid: signal.SIGTERM}, grace=0.1)

    assert stubborn.wait(5) == -signal.SIGKILL
    wait_until(lambda: not group_members(stubborn.pid), "no process is left")


def test_is_alive_is_false_for_an_ended_process() -> None:
    child = subprocess.Popen(["/bin/true"])
    child.wait()

    assert not is_alive(child.pid)
    assert is_alive(os.getpid())
