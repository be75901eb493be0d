"""How a run breaks parts of the shop: a context manager for each kind."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import count

from django.db import connection, connections

from saga.definition import get_definition
from saga.models import Saga
from shop.health.queues import required_queues
from tests.chaos.brokers import Breakable, OwnProcesses, sender
from tests.chaos.plans import Kind
from tests.support.live import LiveStack
from tests.support.postgres import Server
from tests.support.proxy import Proxy
from tests.support.rabbitmq import RabbitMQ
from tests.support.sentinels import Sentinels
from tests.support.standby import Pair

AMID = 1.0  # seconds; by then customers are in the middle of their purchases


@dataclass(frozen=True)
class Target:
    """What a run can break: the shop, its broker, and on PostgreSQL its database."""

    shop: LiveStack
    broker: Breakable
    server: Server | None = None
    proxy: Proxy | None = None
    pair: Pair | None = None


Blow = Callable[[Target], AbstractContextManager[object]]


@contextmanager
def meanwhile(
    act: Callable[[], None], pause: float, growth: float = 1.0
) -> Iterator[None]:
    """Call ``act`` every ``pause`` seconds, at least once, until the context ends.

    Each pause is ``growth`` times as long as the one before.
    """
    over = threading.Event()

    def repeat() -> None:
        try:
            for calls in count():
                act()
                if over.wait(pause * growth**calls):
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
    """Call ``act`` once, AMID seconds after the context began."""
    timer = threading.Timer(AMID, act)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def outside(target: Target) -> OwnProcesses:
    """Return the broker with the faults that only one outside of the shop can have."""
    assert isinstance(target.broker, RabbitMQ | Sentinels)
    return target.broker


def flush_broker(target: Target) -> AbstractContextManager[None]:
    queues = required_queues()
    # RabbitMQ is asked queue by queue.
    pause = 0.2 if isinstance(target.broker, RabbitMQ) else 0.02
    return meanwhile(lambda: target.broker.purge(queues), pause=pause)


@contextmanager
def kill_broker(target: Target) -> Iterator[None]:
    with amid(target.broker.kill):
        yield
    target.broker.start()


@contextmanager
def take_broker_away(target: Target) -> Iterator[None]:
    target.broker.stop()
    yield
    target.broker.start()


def cut_connections(target: Target) -> AbstractContextManager[None]:
    return meanwhile(outside(target).cut, pause=0.3, growth=1.2)


@contextmanager
def hang_broker(target: Target) -> Iterator[None]:
    """Stop the broker amid the load, and continue it when all customers are through.

    It keeps its connections meanwhile, and answers nobody.
    """
    broker = outside(target)
    with amid(broker.freeze):
        yield
    broker.thaw()
    broker.start()


@contextmanager
def fill_broker(target: Target) -> Iterator[None]:
    broker = target.broker
    assert isinstance(broker, RabbitMQ)
    with amid(broker.fill):
        yield
    broker.empty()


@contextmanager
def fail_over(target: Target) -> Iterator[None]:
    broker = target.broker
    assert isinstance(broker, Sentinels)
    with amid(broker.kill_master):
        yield
    broker.start()


def repeat_messages(target: Target) -> AbstractContextManager[None]:
    """Send every message of every live saga three times, again and again."""
    celery = sender(target.broker.broker)

    def send() -> None:
        for saga in Saga.objects.live()[:20]:
            for link in get_definition(saga.definition).links * 3:
                celery.send_task(link, args=(saga.pk,), queue=link)

    return meanwhile(send, pause=0.5)


@contextmanager
def hang_workers(target: Target) -> Iterator[None]:
    freeze_workers(target.shop)
    yield
    target.shop.thaw("worker")


def freeze_workers(shop: LiveStack) -> None:
    """Stop all workers; on SQLite not while one of them writes.

    There a stopped writer keeps all other processes from writing.
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


def restart_database(target: Target) -> AbstractContextManager[None]:
    server = target.server
    if server is None:
        message = "there is no database server to be restarted"
        raise ValueError(message)
    # On a busy machine a page may take longer than the first pauses.
    return meanwhile(server.restart_at_once, pause=0.8, growth=1.3)


@contextmanager
def fail_over_database(target: Target) -> Iterator[None]:
    """Kill the primary amid the load; afterwards it is the new one's standby."""
    pair = target.pair
    if pair is None:
        message = "the database has no standby"
        raise ValueError(message)
    with amid(pair.fail_over):
        yield
    pair.follow()


@contextmanager
def lose_commits(target: Target) -> Iterator[None]:
    proxy = target.proxy
    if proxy is None:
        message = "there is no proxy between the shop and its database"
        raise ValueError(message)
    before = proxy.lost
    try:
        with meanwhile(lambda: proxy.lose_commits(1), pause=0.15):
            yield
    finally:
        proxy.lose_commits(0)
    assert proxy.lost > before, "the proxy saw no commit to lose"


@contextmanager
def take_mail_away(target: Target) -> Iterator[None]:
    """Put a file in place of the mails' folder, so that no user can write mails."""
    folder = target.shop.mail_dir
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
def kill_everything(target: Target) -> Iterator[None]:
    """Kill every process at once, while customers buy. They are restarted."""
    others = ("web", "worker", "sweeper", "stripe", "warehouse")
    names = [name for name in others if name in target.shop.services()]

    def kill() -> None:
        for name in names:
            target.shop.kill(name)
        target.broker.kill()

    with amid(kill):
        yield
    target.broker.start()
    target.shop.wait_for(*names)


def nothing(_target: Target) -> AbstractContextManager[None]:
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
    Kind.PRIMARY_KILLED: fail_over_database,
    Kind.CUT: cut_connections,
    Kind.FROZEN: hang_broker,
    Kind.FULL: fill_broker,
    Kind.FAILED_OVER: fail_over,
}
