"""Read times that are typed at a command: how long ago, a date, or a time."""

import re
from argparse import ArgumentTypeError
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from shop import database_clock

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def read_time(typed: str) -> datetime:
    """Return the time for 30m, 2h, 1d, a date (its first minute) or ISO 8601.

    Raises ArgumentTypeError.
    """
    ago = re.fullmatch(r"(\d+)([mhd])", typed)
    if ago:
        return database_clock.read() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        found = parse_datetime(typed)
    except ValueError:
        found = None
    if found is None:
        message = (
            f"{typed!r} is neither 30m, 2h, 1d nor a date or time such as "
            "2030-01-31 or 2030-01-31T09:00"
        )
        raise ArgumentTypeError(message)
    return found if timezone.is_aware(found) else timezone.make_aware(found)
