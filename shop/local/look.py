"""One look at what is new for the open streams of a web process."""

import logging
import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from django.db import Error, close_old_connections

from shop.database.messages import log_failure
from shop.web.event_streams import Event, Feed, Subscriber

logger = logging.getLogger(__name__)


class Open(Protocol):
    @property
    def subscriber(self) -> Subscriber: ...


S = TypeVar("S", bound=Open)


@dataclass
class Spent:
    """The seconds of one look: to find out who has news, and to make these."""

    asking: float = 0.0
    telling: float = 0.0


class Look(Generic[S]):
    """A task for a thread that makes pages: it needs the database, as a page does.

    ``deliver`` takes each stream for which there is an event, and ``done`` what
    it took: infinitely many seconds if the database did not answer.
    """

    def __init__(
        self,
        streams: Sequence[S],
        deliver: Callable[[S, Event], None],
        done: Callable[[Spent], None],
    ) -> None:
        self._deliver = deliver
        self._done = done
        self._streams = {stream.subscriber: stream for stream in streams}

    def service(self) -> None:
        spent = Spent(asking=math.inf)
        close_old_connections()
        try:
            spent = self._ask()
        except Error as error:
            # The streams stay open; the next look finds what this one missed.
            log_failure("The open live pages were not brought up to date", error)
        finally:
            close_old_connections()
            self._done(spent)

    def _ask(self) -> Spent:
        spent = Spent()
        by_feed: dict[Feed, list[Subscriber]] = defaultdict(list)
        for subscriber in self._streams:
            by_feed[subscriber.feed].append(subscriber)
        for feed, subscribers in by_feed.items():
            began = time.monotonic()
            with_news = list(feed(subscribers))
            asked = time.monotonic()
            for subscriber in with_news:
                self._deliver(self._streams[subscriber], _event_of(subscriber))
            spent.asking += asked - began
            spent.telling += time.monotonic() - asked
        return spent


def _event_of(subscriber: Subscriber) -> Event:
    try:
        return subscriber.event()
    except Error:
        raise
    except Exception:
        # The browser connects again, and if this fails again, it polls.
        logger.exception("a stream ends, because its event could not be made")
        return Event("", is_last=True)
