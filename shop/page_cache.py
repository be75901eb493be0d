"""A cache in each process, for values that every page shows to all visitors alike.

Only what is shown is kept. What decides something is read from the database.
"""

from collections.abc import Callable

from django.core.cache import caches
from django.utils.functional import SimpleLazyObject

SHOWN_FOR = 5  # seconds


def lazily_kept(read: Callable[[], object]) -> SimpleLazyObject:
    """Return what ``read`` returns, read once in SHOWN_FOR seconds, on first use."""

    def look_up() -> object:
        return caches["pages"].get_or_set(read.__name__, read, SHOWN_FOR)

    return SimpleLazyObject(look_up)
