"""Customers of the cluster, from many addresses; the answers to them are timed."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

import requests
from requests.adapters import HTTPAdapter

from tests.chaos.buyers import Persistent, Wish, buy_as
from tests.cluster.plan import CUSTOMER_NUMBERS, NETWORK
from tests.cluster.shop import ClusterShop
from tests.support.shopping import RECIPIENT

_SERVER_ERRORS = 500


@dataclass
class Book:
    """What customers met: the seconds of each answer, what failed, the orders shown."""

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    shown: list[UUID] = field(default_factory=list)
    gave_up: list[str] = field(default_factory=list)

    def timed(self, send: Callable[[], requests.Response]) -> requests.Response:
        """Send a request; each answer on the way counts alone."""
        try:
            answer = send()
        except requests.RequestException as error:
            self.failures[type(error).__name__] += 1
            raise
        for each in (*answer.history, answer):
            self.seconds.append(each.elapsed.total_seconds())
        if answer.status_code >= _SERVER_ERRORS:
            self.failures[str(answer.status_code)] += 1
        return answer

    def part(self, share: float) -> float:
        """Return the seconds within which this share of all answers came."""
        return part(self.seconds, share)


def part(values: list[float], share: float) -> float:
    """Return the value that this share of all does not exceed; 0.0 without any."""
    return sorted(values)[int(len(values) * share)] if values else 0.0


class FromAddress(HTTPAdapter):
    """Connects from one of this host's addresses."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        options["source_address"] = (self.address, 0)
        super().init_poolmanager(*sizes, **options)


class Left(Exception):
    """The shop's test is over, and the customer left in the middle of a purchase."""


@dataclass
class Visitor(Persistent):
    """A customer who reads each page for ``pause`` seconds, more or less."""

    book: Book = field(default_factory=Book)
    number: int = 0
    pause: float = 0.0
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__post_init__()
        assert isinstance(self.stack, ClusterShop)
        self.session.trust_env = False
        self.session.verify = str(self.stack.files.certificate)
        place = self.number % len(CUSTOMER_NUMBERS)
        address = f"{NETWORK}.{CUSTOMER_NUMBERS[place]}"
        self.session.mount("https://", FromAddress(address))

    def _sent(self, send: Callable[[], requests.Response]) -> requests.Response:
        if self.pause:
            over = self.stopping.wait(random.uniform(0.5, 1.5) * self.pause)  # noqa: S311
            if over:
                # Not all customers at once go on without reading.
                raise Left
        return super()._sent(lambda: self.book.timed(send))


@dataclass
class Crowd:
    """Customers who buy again and again, until they are stopped or have enough."""

    shop: ClusterShop
    skus: list[str]
    customers: int
    pause: float = 0.0  # seconds for one page
    between: float = 1.0  # seconds between two purchases of a customer
    most: int = 300  # orders of all
    book: Book = field(default_factory=Book)
    stopping: threading.Event = field(default_factory=threading.Event)
    _tickets: Iterator[int] = field(default_factory=count)

    @contextmanager
    def buying(self) -> Iterator[Book]:
        """Let them buy until the block ends.

        Those who do not pause end the purchase that they began.
        """
        threads = [
            threading.Thread(target=self._shop_on, args=(number,))
            for number in range(self.customers)
        ]
        for thread in threads:
            thread.start()
        try:
            yield self.book
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()

    def _shop_on(self, number: int) -> None:
        # They do not come all at once.
        first = min(self.pause * 8, 60.0) or self.between
        self.stopping.wait(random.uniform(0, first))  # noqa: S311
        while (
            not self.stopping.is_set() and (ticket := next(self._tickets)) < self.most
        ):
            sku = self.skus[ticket % len(self.skus)]
            email = f"customer-{number}-{ticket}@customer.example"
            wish = Wish({sku: 1}, email=email)
            visitor = Visitor(
                self.shop,
                recipient=RECIPIENT | {"email": email},
                book=self.book,
                number=number,
                pause=self.pause,
                stopping=self.stopping,
            )
            try:
                uid = buy_as(visitor, wish)
                if uid:
                    self.book.shown.append(uid)
                else:
                    self.book.gave_up.append(f"{email} was shown no order")
            except Left:
                return
            except (requests.RequestException, AssertionError) as error:
                # After a minute of tries a person leaves. The count says how many did.
                self.book.gave_up.append(f"{email}: {error!r}"[:400])
            finally:
                visitor.session.close()
            self.stopping.wait(self.between)
