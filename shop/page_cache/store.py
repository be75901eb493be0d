"""Pages kept in this process for two seconds, and one thread that makes each."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from time import monotonic

from django.conf import settings

from shop.page_cache.page import Page

CAPACITY = 8 * 1024 * 1024  # bytes
PATIENCE = 5.0  # seconds for which a request waits for the thread that makes its page


@dataclass
class Making:
    """A page that was made, or is being made, since ``began`` (this process's time).

    What it shows was read after ``began``. ``page`` is None until it is done, and stays
    so if it is not to be kept. It answers only who comes with the same ``stamp``.
    """

    began: float
    stamp: Hashable = None
    done: threading.Event = field(default_factory=threading.Event)
    page: Page | None = None

    def wait(self) -> Page | None:
        """Return the page once it is made; None if it is not, or is not to be kept."""
        if self.page is None:
            self.done.wait(PATIENCE)
        return self.page


class Store:
    """The pages by their keys; those that were not asked for longest go first.

    A key contains the version of everything that the page shows but time and stock.
    A page answers requests that came within ``settings.GUEST_PAGE_SECONDS`` after its
    making began. From half of that on one request makes it anew, while the others are
    still answered with the old one.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Making] = OrderedDict()
        self._under_way: dict[Hashable, Making] = {}
        self._size = 0

    def get(
        self, key: Hashable, make: Callable[[], Page], stamp: Hashable = None
    ) -> Page:
        """Return the page, made by ``make`` unless it is there or being made.

        One page is kept for each key, and answers only while ``stamp`` is the same.
        """
        now = monotonic()
        with self._lock:
            found = self._usable(key, now, stamp)
            if found is None:
                found = self._under_way[key] = Making(now, stamp)
                is_ours = True
            else:
                is_ours = False
        if is_ours:
            return self._make(key, found, make)
        # Its maker may have failed, or hang: then each request makes its own page.
        return found.wait() or make()

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._under_way.clear()
            self._size = 0

    @property
    def size(self) -> int:
        return self._size

    def _usable(self, key: Hashable, now: float, stamp: Hashable) -> Making | None:
        """Return what answers a request of now: a kept page, or one under way."""
        lasts = settings.GUEST_PAGE_SECONDS
        making = self._under_way.get(key)
        if making and (now - making.began >= lasts or making.stamp != stamp):
            making = None
        kept = self._kept.get(key)
        if not kept or now - kept.began >= lasts or kept.stamp != stamp:
            return making
        if making is None and now - kept.began >= lasts / 2:
            return None
        self._kept.move_to_end(key)
        return kept

    def _make(self, key: Hashable, making: Making, make: Callable[[], Page]) -> Page:
        try:
            page = make()
            if page.is_kept:
                making.page = page
            return page
        finally:
            with self._lock:
                if self._under_way.get(key) is making:
                    del self._under_way[key]
                    self._keep(key, making)
            making.done.set()

    def _keep(self, key: Hashable, making: Making) -> None:
        before = self._kept.pop(key, None)
        if before is not None and before.page is not None:
            self._size -= before.page.size
        if making.page is None:
            return
        self._kept[key] = making
        self._size += making.page.size
        while self._size > self._capacity:
            _key, oldest = self._kept.popitem(last=False)
            self._size -= oldest.page.size if oldest.page else 0


PAGES = Store()
