"""Times as people type them at a command: how long ago, a day, or a moment."""

import re
from argparse import ArgumentTypeError
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def moment(typed: str) -> datetime:
    """Read 30m, 2h, 1d, a date (from its first minute) or ISO 8601."""
    ago = re.fullmatch(r"(\d+)([mhd])", typed)
    if ago:
        return timezone.now() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
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
