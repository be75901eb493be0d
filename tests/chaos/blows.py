"""How a run breaks parts of the shop: each kind is in force while its context is."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass

import redis
from celery import Celery
from django.db import connection, connections

from checkout.flow.definition import CHECKOUT
from saga.models import Saga
from tests.chaos.plans import Kind
from tests.support.live import LiveStack
from tests.support.postgres import Server
from tests.support.proxy import Proxy

AMID = 1.0  # seconds after which customers are in the middle of their purchases


@dataclass(frozen=True)
class Ground:
    """What a run may break: the shop and, where it has one, its database server."""

    shop: LiveStack
    server: Server | None = None
    proxy: Proxy | None = None


Blow = Callable[[Ground], AbstractContextManager[object]]


@contextmanager
def meanwhile(act: Callable[[], None], pause: float) -> Iterator[None]:
    """Do something again and again, at least once, until the context ends."""
    over = threading.Event()

    def repeat() -> None:
        try:
            while True:
                act()
                if over.wait(pause):
                    return
        finally:
            connections.close_all()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def amid(act: Callable[[], None]) -> Iterator[None]:
    """Do something once, while the context is under way."""
    timer = threading.Timer(AMID, act)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def flush_broker(ground: Ground) -> AbstractContextManager[None]:
    return meanwhile(lambda: flush(ground.shop), pause=0.02)


def flush(shop: LiveStack) -> None:
    with redis.Redis.from_url(shop.redis_url) as broker:
        broker.flushall()


@contextmanager
def kill_broker(ground: Ground) -> Iterator[None]:
    with amid(lambda: ground.shop.kill("broker")):
        yield
    ground.shop.wait_for("broker")


@contextmanager
def take_broker_away(ground: Ground) -> Iterator[None]:
    ground.shop.stop("broker")
    yield
    ground.shop.start("broker")


def repeat_messages(ground: Ground) -> AbstractContextManager[None]:
    """Send every message of every saga under way, three times over, at any time."""
    url = ground.shop.redis_url.replace("unix://", "redis+socket://")
    celery = Celery("chaos", broker=url, set_as_current=False)
    links = CHECKOUT.links

    def send() -> None:
        for saga_id in Saga.objects.live().values_list("pk", flat=True)[:20]:
            for link in links * 3:
                celery.send_task(link, args=(saga_id,), queue=link)

    return meanwhile(send, pause=0.5)


@contextmanager
def hang_workers(ground: Ground) -> Iterator[None]:
    freeze_workers(ground.shop)
    yield
    ground.shop.thaw("worker")


def freeze_workers(shop: LiveStack) -> None:
    """Stop all workers, but not inside a transaction on SQLite.

    There, whoever is stopped while it writes keeps everybody from writing.
    """
    shop.freeze("worker")
    while connection.vendor == "sqlite" and not _is_writable(shop):
        shop.thaw("worker")
        time.sleep(0.2)
        shop.freeze("worker")


def _is_writable(shop: LiveStack) -> bool:
    with closing(sqlite3.connect(shop.paths.database, timeout=2)) as file:
        try:
            file.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


def restart_database(ground: Ground) -> AbstractContextManager[None]:
    server = ground.server
    if server is None:
        message = "there is no database server to be restarted"
        raise ValueError(message)
    return meanwhile(server.restart_at_once, pause=0.8)


@contextmanager
def lose_commits(ground: Ground) -> Iterator[None]:
    proxy = ground.proxy
    if proxy is None:
        message = "nobody stands between the shop and its database"
        raise ValueError(message)
    before = proxy.lost
    try:
        with meanwhile(lambda: proxy.lose_commits(1), pause=0.15):
            yield
    finally:
        proxy.lose_commits(0)
    assert proxy.lost > before, "no commit came by that could be lost"


@contextmanager
def take_mail_away(ground: Ground) -> Iterator[None]:
    """Put a file where the mails' folder was: nobody can write into that, not root."""
    folder = ground.shop.mail_dir
    aside = folder.with_name("mail-aside")
    folder.mkdir(exist_ok=True)
    folder.rename(aside)
    folder.write_text("not a folder")
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


@contextmanager
def kill_everything(ground: Ground) -> Iterator[None]:
    """Kill every process at once, in the middle of the crowd; they are restarted."""
    names = ("web", "worker", "sweeper", "broker", "stripe")

    def kill() -> None:
        for name in names:
            ground.shop.kill(name)

    with amid(kill):
        yield
    ground.shop.wait_for(*names)


def nothing(_ground: Ground) -> AbstractContextManager[None]:
    return nullcontext()


BLOWS: dict[Kind, Blow] = {
    Kind.WORKER_KILLED: nothing,
    Kind.SWEEPER_KILLED: take_broker_away,
    Kind.FLUSHED: flush_broker,
    Kind.BROKER_KILLED: kill_broker,
    Kind.BROKER_AWAY: take_broker_away,
    Kind.THRICE: repeat_messages,
    Kind.HUNG: nothing,
    Kind.PROVIDER: nothing,
    Kind.WEBHOOKS: nothing,
    Kind.TWO_SWEEPERS: hang_workers,
    Kind.DATABASE: restart_database,
    Kind.COMMITS: lose_commits,
    Kind.MAIL: take_mail_away,
    Kind.CROWD: nothing,
    Kind.EVERYTHING: kill_everything,
}
