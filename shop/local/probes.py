"""Health probes: functions that ask a service whether it is healthy."""

import http.client
import socket
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

from shop.local.service_spec import Probe, Run

TIMEOUT = 1.0  # seconds
_PONG = b"+PONG\r\n"


def answers_http(url: str) -> Probe:
    """Return a probe: healthy if ``url`` answers 200."""
    # Never through a proxy that the environment names: the service is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def probe(_run: Run) -> bool:
        try:
            with opener.open(url, timeout=TIMEOUT) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except (urllib.error.URLError, http.client.HTTPException, OSError):
            return False

    return probe


def answers_ping(path: Path) -> Probe:
    """Return a probe: healthy if the broker on this unix socket answers PING."""

    # By hand: the client's library takes as much memory as the supervisor.
    def probe(_run: Run) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(TIMEOUT)
            try:
                connection.connect(str(path))
                connection.sendall(b"PING\r\n")
                return connection.recv(len(_PONG)) == _PONG
            except OSError:
                return False

    return probe


def said(text: str) -> Probe:
    """Return a probe: healthy as soon as the first lines of its log hold ``text``."""

    def probe(run: Run) -> bool:
        return run.said(text)

    return probe


def never(_run: Run) -> bool:
    """Return False: the probe of a job, which is healthy only after it has ended."""
    return False
