"""Wrong entries at the sign-in slow down whoever makes them, and nobody else.

Entries are counted for a device that a person has signed in with before, or else for an
internet address together with a name. After some wrong entries each further one doubles
the pause. Entries for a name from everywhere, and for an address, are counted as well,
but with pauses that only a machine notices.
"""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from allauth.core.internal.ratelimit import cache_lock
from django.core.cache import cache

HOUR = 3600.0
_MINUTE = 60.0
DAY = 24 * HOUR


class TooFast(Exception):
    """The entry was not looked at; it may be made again after ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, round(seconds))
        super().__init__(f"wait {self.seconds} s")


@dataclass(frozen=True)
class Pace:
    """How many wrong entries cost nothing, and the pauses in seconds after them."""

    free: int
    first: float
    longest: float
    remembered: float  # seconds

    def pause_after(self, entries: int) -> float:
        if entries < self.free:
            return 0.0
        return float(min(self.longest, self.first * 2 ** min(entries - self.free, 20)))


PERSON = Pace(free=5, first=30, longest=HOUR, remembered=DAY)
ADDRESS = Pace(free=20, first=30, longest=HOUR, remembered=HOUR)
# From everywhere, unknown devices only: one guess in 10 s is useless for a password. A
# code has six digits, and to be asked for one the password must be known.
PASSWORDS_OF_NAME = Pace(free=50, first=10, longest=10, remembered=HOUR)
CODES_OF_NAME = Pace(free=10, first=60, longest=60, remembered=HOUR)


@dataclass(frozen=True)
class Counter:
    pace: Pace
    key: str
    forgives: bool  # whether a right entry takes back all wrong ones, or only itself

    @classmethod
    def of(cls, pace: Pace, *parts: str, forgives: bool = False) -> "Counter":
        digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        return cls(pace, f"sign-in:{digest}", forgives)

    def seconds_left(self) -> float:
        return float(self._read()[1] - time.time())

    def count(self) -> None:
        """Count an entry before it is looked at: a right one is taken back."""
        with cache_lock(self.key) as is_locked:
            if not is_locked:
                raise TooFast(1)
            entries, free_at = self._read()
            now = time.time()
            if now < free_at:
                raise TooFast(free_at - now)
            self._write(entries + 1, now + self.pace.pause_after(entries + 1))

    def take_back(self) -> None:
        with cache_lock(self.key) as is_locked:
            if is_locked and self.forgives:
                cache.delete(self.key)
            elif is_locked:
                self._write(max(0, self._read()[0] - 1), 0.0)

    def _read(self) -> tuple[int, float]:
        found: tuple[int, float] = cache.get(self.key, (0, 0.0))
        return found

    def _write(self, entries: int, free_at: float) -> None:
        cache.set(self.key, (entries, free_at), self.pace.remembered)


@dataclass(frozen=True)
class Entry:
    """One entry that is being checked."""

    counters: tuple[Counter, ...]

    def was_right(self) -> None:
        for counter in self.counters:
            counter.take_back()


def admit(
    name: str,
    address: str,
    device: str,
    *,
    for_name: Pace,
    for_address: Pace = ADDRESS,
    kind: str = "",
) -> Entry:
    """Count an entry. Raises TooFast, if it must not even be looked at.

    Entries of another ``kind`` are counted apart.
    """
    kind = kind or str(for_name.free)
    if device:
        counters = [Counter.of(PERSON, kind, "device", device, forgives=True)]
    else:
        counters = [
            Counter.of(PERSON, kind, "pair", address, name, forgives=True),
            Counter.of(for_address, kind, "address", address),
            Counter.of(for_name, kind, "name", name),
        ]
    _refuse_early(counters)
    for counter in counters:
        counter.count()
    return Entry(tuple(counters))


def _refuse_early(counters: Iterable[Counter]) -> None:
    """Raise TooFast before anything is counted, if any counter is not free."""
    longest = max(counter.seconds_left() for counter in counters)
    if longest > 0:
        raise TooFast(longest)


class Allowance:
    """What each name may spend in a minute, counted by each process for itself.

    For requests by the thousand: a count in the database would cost more than most of
    what is counted. Several processes together allow as many times the same.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._lock = Lock()
        self._minute = 0
        self._spent: dict[str, int] = {}

    def spend(self, name: str, points: int, most: int) -> None:
        """Count ``points``; raise TooFast if ``most`` were spent. ``most`` 0: no limit.

        The last ones may go beyond it: what costs more than a minute allows is done in
        the end. What is refused is not counted, so that who waits gets in.
        """
        if not most:
            return
        now = time.time()
        with self._lock:
            if (minute := int(now // _MINUTE)) != self._minute:
                self._minute, self._spent = minute, {}
            spent = self._spent.get(name, 0)
            if spent >= most:
                raise TooFast(_MINUTE - now % _MINUTE)
            self._spent[name] = spent + points
