"""A broker that cannot be reached."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from celery import current_app

from saga import enqueue
from tests.support.ports import free_port


@dataclass(frozen=True)
class DeadBroker:
    url: str


@contextmanager
def nobody_listens(url: str = "") -> Iterator[DeadBroker]:
    """Point this process's Celery to ``url``, or to a port where nobody listens."""
    app: Any = current_app
    before = app.conf.broker_url, app.conf.broker_write_url, app._pool
    producers = app.amqp._producer_pool
    url = url or f"redis://127.0.0.1:{free_port()}/0"
    app.conf.broker_url = app.conf.broker_write_url = url
    app._pool = app.amqp._producer_pool = None
    try:
        yield DeadBroker(url)
    finally:
        app.conf.broker_url, app.conf.broker_write_url, app._pool = before
        app.amqp._producer_pool = producers
        # The pause after a failed send must not reach the next test.
        enqueue._broker_is_down_until = 0.0
