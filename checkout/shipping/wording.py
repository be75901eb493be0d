"""Delivery dates and deadlines in words, in the active language."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shop.formatting import clock_time

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def write_day(day: date) -> str:
    """Return a day with its weekday: Tue 1 Dec."""
    return formatted(day, pgettext("format of a day with its weekday", "D j M"))


def write_days(earliest: date, latest: date) -> str:
    """Return a day, or the first and the last of some: Tue 1 Dec to Wed 2 Dec."""
    if earliest == latest:
        return write_day(earliest)
    days = {"first": write_day(earliest), "last": write_day(latest)}
    return pgettext("days", "%(first)s – %(last)s") % days  # noqa: RUF001


def write_deadline(now: datetime, until: datetime) -> str:
    """Return until when to order: within 3 h 12 min, or by a day and time."""
    seconds = int((until - now).total_seconds())
    if seconds >= _DAY:
        day = timezone.localdate(until)
        moment = {"day": write_day(day), "time": clock_time(until)}
        return _("Order by %(day)s, %(time)s") % moment
    hours, minutes = divmod(seconds // _MINUTE, 60)
    if hours:
        left = {"hours": hours, "minutes": minutes}
        return _("Order within %(hours)d h %(minutes)d min") % left
    if minutes:
        return _("Order within %(minutes)d min") % {"minutes": minutes}
    return _("Order within a minute")
