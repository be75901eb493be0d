"""Nothing outlives its starter, however that one ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from shop.local.watchdog import Guardian
from shop.local.watchdog_process import finish, remaining
from tests.support.processes import group_members, is_alive
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[3]

# A child with a child of its own, which ignores polite requests.
FAMILY = "trap '' TERM; sleep 600 & wait"

STARTER = f"""
import subprocess, sys, time
from shop.local.guardian import Guardian
child = Guardian().spawn(
    ["/bin/sh", "-c", {FAMILY!r}], env={{}}, output=subprocess.DEVNULL
)
print(child.pid, flush=True)
time.sleep(600)
"""


def test_kill_minus_nine_of_the_starter_ends_the_whole_family() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    with starter.stdout:
        child = int(starter.stdout.readline())
    wait_until(lambda: len(group_members(child)) == 2, "both are running")

    starter.kill()
    starter.wait()

    wait_until(lambda: not group_members(child), "the family has ended", seconds=5)


def test_dismissing_the_guardian_ends_what_is_left() -> None:
    guardian = Guardian()
    child = guardian.spawn(["sleep", "600"], env={}, output=subprocess.DEVNULL)

    guardian.dismiss()

    assert child.wait(5) == -signal.SIGKILL


def test_a_killed_guardian_is_replaced_and_still_knows_the_children() -> None:
    guardian = Guardian()
    child = guardian.spawn(
        ["/bin/sh", "-c", "echo up; exec sleep 600"], env={}, output=subprocess.PIPE
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"up\n"
    process = guardian._process
    assert process is not None
    process.kill()
    process.wait()
    assert not guardian.stands()

    guardian.renew()

    assert guardian.stands()
    guardian.dismiss()
    assert child.wait(5) == -signal.SIGKILL


def test_a_child_does_not_hold_the_pipe_open() -> None:
    guardian = Guardian()
    child = guardian.spawn(
        ["readlink", "/proc/self/fd/0"], env=os.environ, output=subprocess.PIPE
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.read() == b"/dev/null\n"
    assert child.wait(5) == 0
    guardian.forget(child)
    guardian.dismiss()


def test_orders_are_followed_in_their_order() -> None:
    orders = ["watch 10\n", "watch 20 QUIT\n", "forget 10\n", "forget 99\n"]

    assert remaining(orders) == {20: signal.SIGQUIT}


def test_who_ignores_the_first_signal_is_killed_after_the_grace() -> None:
    stubborn = subprocess.Popen(["/bin/sh", "-c", FAMILY], start_new_session=True)
    wait_until(lambda: len(group_members(stubborn.pid)) == 2, "both are running")
    gone = subprocess.Popen(["/bin/true"], start_new_session=True)
    gone.wait()

    finish({stubborn.pid: signal.SIGTERM, gone.pid: signal.SIGTERM}, grace=0.1)

    assert stubborn.wait(5) == -signal.SIGKILL
    wait_until(lambda: not group_members(stubborn.pid), "nobody is left")


def test_is_alive_knows_the_dead() -> None:
    child = subprocess.Popen(["/bin/true"])
    child.wait()

    assert not is_alive(child.pid)
    assert is_alive(os.getpid())
