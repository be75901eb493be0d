"""Run a process of a live stack on a host whose clock is wrong, with libfaketime."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from shop.local.service_spec import Service
from shop.local.services import Plan, build_services
from shop.local.watchdog import Watchdog
from tests.support import apt
from tests.support.live import ROOT, LiveStack
from tests.support.waiting import wait_until

PACKAGE = "libfaketime"
_LIBRARY = "libfaketimeMT.so.1"
# What a service writes when it is ready.
_READY = {"web": b"", "worker": b" ready.", "sweeper": b"sweeping"}
_WEB_SECONDS = 60


class NoFaketime(Exception):
    """There is no libfaketime here, and it cannot be installed."""

    def __init__(self, reason: object = "it is missing") -> None:
        super().__init__(
            f"The tests of wrong clocks need libfaketime: {reason}. "
            f"Install it (Debian: apt-get install {PACKAGE})."
        )


def find() -> Path | None:
    """Return the path of the library on this machine."""
    folders = (Path("/usr/lib"), Path("/usr/local/lib"))
    found = (path for at in folders for path in at.glob(f"**/faketime/{_LIBRARY}"))
    return next(found, None)


def provide(say: Callable[[str], None]) -> None:
    """Install libfaketime where it is missing. Raises NoFaketime."""
    if find():
        return
    say(f"Installing {PACKAGE} for the tests of wrong clocks ...")
    try:
        apt.update()
        apt.install(PACKAGE)
    except apt.NoApt as error:
        raise NoFaketime(error) from error
    if find() is None:
        raise NoFaketime


def variables(offset: timedelta) -> dict[str, str]:
    """Return the environment of a process whose wall clock is wrong by ``offset``."""
    library = find()
    if library is None:
        pytest.skip(str(NoFaketime()))
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": f"{offset.total_seconds():+.0f}",
        # Only the wall clock differs between hosts.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # Its own waits for conditions return at once. Threads that wait for Python's
        # interpreter lock would turn in circles: eight of them work a tenth as fast.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": str(Path(__file__).with_name("faketime_site")),
    }


@contextmanager
def wrong_host(stack: LiveStack, name: str, offset: timedelta) -> Iterator[None]:
    """Run the service ``name`` where the clock is wrong, instead of the stack's own.

    It has the command line of the service that it replaces.
    """
    service = _describe(stack, name)
    skewed = _environment_of(stack) | dict(service.environment) | variables(offset)
    stack.stop(name)
    watchdog = Watchdog()
    log = stack.log.with_name(f"wrong-{name}.log")
    with log.open("ab") as output:
        begin = output.tell()
        process = watchdog.spawn(service.argv, env=skewed, output=output, cwd=ROOT)
    try:
        wait_until(
            lambda: _READY[name] in log.read_bytes()[begin:] and _answers(stack, name),
            f"{name} with a wrong clock is ready: {log}",
            seconds=_WEB_SECONDS,
        )
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        finally:
            watchdog.dismiss()
            stack.start(name)


def _describe(stack: LiveStack, name: str) -> Service:
    plan = Plan(
        paths=stack.paths,
        port=stack.port,
        workers=2,
        bundled_broker=True,
        bundled_sandbox=True,
    )
    return next(each for each in build_services(plan) if each.name == name)


def _environment_of(stack: LiveStack) -> dict[str, str]:
    """Return the environment of the stack's services, read from the sandbox.

    Web and workers write their titles over theirs.
    """
    process = Path("/proc") / str(stack.services()["stripe"]["pid"])
    words = (process / "environ").read_bytes().decode().split("\0")
    pairs = (word.partition("=") for word in words if word)
    return {key: value for key, _equals, value in pairs}


def _answers(stack: LiveStack, name: str) -> bool:
    if name != "web":
        return True
    try:
        return requests.get(f"{stack.url}/livez", timeout=5).ok
    except requests.ConnectionError:
        return False
