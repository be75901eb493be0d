"""Questions that tell whether a service is well: asked of the service itself."""

import http.client
import urllib.error
import urllib.request
from http import HTTPStatus

from shop.local.broker import BrokerDown, ping
from shop.local.service import Probe, Run

TIMEOUT = 1.0  # seconds


def answers_http(url: str) -> Probe:
    """Well when ``url`` answers 200."""
    # Never through a proxy that the environment may name: this is our own machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def probe(_run: Run) -> bool:
        try:
            with opener.open(url, timeout=TIMEOUT) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except (urllib.error.URLError, http.client.HTTPException, OSError):
            return False

    return probe


def answers_ping(redis_url: str) -> Probe:
    """Well when the broker answers PING."""

    def probe(_run: Run) -> bool:
        try:
            ping(redis_url)
        except BrokerDown:
            return False
        return True

    return probe


def said(text: str) -> Probe:
    """Well once its log has said ``text``."""

    def probe(run: Run) -> bool:
        return run.said(text)

    return probe


def never(_run: Run) -> bool:
    """For a job: it is well when it has ended, not before."""
    return False
