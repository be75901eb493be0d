"""The processes start by the lines of their units, and tell systemd when they serve."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from shop.processes.service_manager import READY, WATCHDOG
from tests.support.live import ROOT, LiveStack
from tests.support.units import Unit

SECONDS = 60  # for a start on a busy machine
# systemd hands over the socket as file 3 and names the process. Then memory is never
# writable and executable (prctl(2), PR_SET_MDWE), as MemoryDenyWriteExecute= demands.
LAUNCH = """
import ctypes, os, sys
os.environ["LISTEN_PID"] = str(os.getpid())
ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@contextmanager
def started(
    stack: LiveStack, name: str, folder: Path
) -> Iterator[tuple[socket.socket, int]]:
    """Start a unit's command as systemd does. Give its messages, and its port."""
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.bind(str(folder / "notify"))
    heard.settimeout(SECONDS)
    listener = socket.create_server(("127.0.0.1", 0))
    log = (folder / "log").open("wb")
    environment = {
        **stack.environment,
        "NOTIFY_SOCKET": str(folder / "notify"),
        "LISTEN_FDS": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, *Unit(name).command()],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
        pass_fds=[3],
        preexec_fn=lambda: os.dup2(listener.fileno(), 3),  # noqa: PLW1509
    )
    try:
        yield heard, listener.getsockname()[1]
    finally:
        process.terminate()
        process.wait(30)
        for each in (heard, listener, log):
            each.close()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("todoku-web.service", READY),
        ("todoku-worker@.service", READY),
        ("todoku-sweeper.service", WATCHDOG),
    ],
)
def test_a_unit_starts_its_process(
    shop: LiveStack, tmp_path: Path, name: str, says: str
) -> None:
    with started(shop, name, tmp_path) as (heard, port):
        said = ""
        while says not in said.split("\n"):
            said = heard.recv(4096).decode()

        if "web" in name:
            assert requests.get(f"http://127.0.0.1:{port}/livez", timeout=10).ok
