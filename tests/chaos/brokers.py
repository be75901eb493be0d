"""The broker of a shop that is broken: the one of ``manage.py up``, or one outside."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

import redis
from celery import Celery

from shop.configuration.broker import Broker, describe
from tests.support.live import LiveStack
from tests.support.rabbitmq import RabbitMQ, running_rabbitmq
from tests.support.sentinels import Sentinels, running_sentinels

OwnProcesses = RabbitMQ | Sentinels
RUNNING: dict[str, Callable[[], AbstractContextManager[OwnProcesses]]] = {
    "rabbitmq": running_rabbitmq,
    "sentinel": running_sentinels,
}


class Breakable(Protocol):
    """What every broker can suffer, whoever runs it."""

    @property
    def broker(self) -> Broker: ...

    def kill(self) -> None:
        """Kill -9 it, and all of it."""

    def stop(self) -> None:
        """End it; it stays away until ``start``."""

    def start(self) -> None:
        """Start what does not run, and wait until it is well."""

    def purge(self, queues: list[str]) -> None:
        """Throw away the messages in these queues."""


@contextmanager
def outside_broker(name: str) -> Iterator[OwnProcesses | None]:
    """Run the broker of this name; none if the shop is to run its own."""
    if name not in RUNNING:
        yield None
        return
    with RUNNING[name]() as broker:
        yield broker


@dataclass
class Bundled:
    """The broker that ``manage.py up`` runs, and starts again when it dies."""

    shop: LiveStack

    @property
    def broker(self) -> Broker:
        return describe(self.shop.redis_url.replace("unix://", "redis+socket://"))

    def kill(self) -> None:
        self.shop.kill("broker")

    def stop(self) -> None:
        self.shop.stop("broker")

    def start(self) -> None:
        if self.shop.services()["broker"]["state"] == "stopped":
            self.shop.begin("broker")
        self.shop.wait_for("broker")

    def purge(self, _queues: list[str]) -> None:
        with redis.Redis.from_url(self.shop.redis_url) as server:
            server.flushall()


def sender(broker: Broker) -> Celery:
    """Return an application of Celery's that sends messages as the shop does."""
    celery = Celery("chaos", broker=broker.url, set_as_current=False)
    celery.conf.update(
        broker_transport_options=broker.transport_options,
        task_create_missing_queue_type=broker.queue_type,
        task_default_queue_type=broker.queue_type,
    )
    return celery
