"""How a run breaks a shop with a warehouse: a context manager for each kind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos import blows
from tests.chaos.blows import AMID, Blow, Target, meanwhile, nothing
from tests.chaos.warehouse.plans import Kind
from tests.support.live import LiveStack
from tests.support.warehouse_control import ask

_HOUR = 3600
_BACK_AFTER = 2.0  # seconds


@contextmanager
def silence(target: Target) -> Iterator[None]:
    ask(target.shop, "fault", kind="silence")
    try:
        yield
    finally:
        ask(target.shop, "clear", kind="silence")


@contextmanager
def move_clock(target: Target) -> Iterator[None]:
    """Move the warehouse's clock an hour ahead, and back; at last ahead again.

    What it had planned in the hour ahead would wait for an hour otherwise.
    """
    timers = [
        threading.Timer(AMID, _advance, (target.shop, _HOUR)),
        threading.Timer(AMID + _BACK_AFTER, _advance, (target.shop, -_HOUR)),
    ]
    for timer in timers:
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.join()
        _advance(target.shop, _HOUR)


def _advance(shop: LiveStack, seconds: int) -> None:
    ask(shop, "clock", seconds=seconds)


@contextmanager
def kill_warehouse(target: Target) -> Iterator[None]:
    with meanwhile(lambda: target.shop.kill("warehouse"), pause=1.0, growth=1.4):
        yield
    target.shop.wait_for("warehouse")


@contextmanager
def take_warehouse_away(target: Target) -> Iterator[None]:
    target.shop.stop("warehouse")
    yield
    target.shop.start("warehouse")


BLOWS: dict[Kind, Blow] = {
    Kind.EACH: silence,
    Kind.ANSWERS: nothing,
    Kind.REPORTS: nothing,
    Kind.GOODS: nothing,
    Kind.SILENT: silence,
    Kind.CLOCK: move_clock,
    Kind.KILLED: kill_warehouse,
    Kind.AWAY: take_warehouse_away,
    Kind.STEPS: nothing,
    Kind.CANCELLING: nothing,
    Kind.SWEEPER: blows.take_broker_away,
    Kind.HUNG: nothing,
    Kind.THRICE: blows.repeat_messages,
    Kind.FLUSHED: blows.flush_broker,
    Kind.DATABASE: blows.restart_database,
    Kind.COMMITS: blows.lose_commits,
    Kind.EVERYTHING: blows.kill_everything,
}
