"""Format money and times for people, in the active language.

A time that stands alone, as in mails, alerts and the output of commands, names its
zone. The admin's pages say once, in their footer, in which zone their times are.
"""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext

from shop.money import Money

# A text, or one that is translated when it is shown.
Wording = str | Promise
_JAPAN = "Asia/Tokyo"


def price(amount: Money) -> str:
    """Return the amount with its currency sign, as ``Money.format`` does."""
    return amount.format(get_language() or "en")


def moment(when: datetime) -> str:
    """Return a time of today as 10:02, any other with its date."""
    local = timezone.localtime(when)
    if local.date() == timezone.localdate():
        return f"{local:%H:%M}"
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M}"


def zone_name(when: datetime) -> str:
    """Return what people call the shop's time zone at ``when``: Japan time; CET, UTC+1.

    Abbreviations are not unique (CST), so the offset stands beside them.
    """
    local = timezone.localtime(when)
    if str(local.tzinfo) == _JAPAN:
        return gettext("Japan time")
    abbreviation, offset = local.tzname() or "", local.utcoffset() or timedelta()
    if not abbreviation.isalpha():
        return _offset(offset)
    return f"{abbreviation}, {_offset(offset)}" if offset else abbreviation


def clock_time(when: datetime) -> str:
    """Return 10:02 (Japan time)."""
    return _with_zone(f"{timezone.localtime(when):%H:%M}", when)


def time_of_day(hour: time) -> str:
    """Return a time of every day in the shop's zone: 14:00 (Japan time)."""
    zone = timezone.get_default_timezone()
    return clock_time(datetime.combine(timezone.localdate(), hour, tzinfo=zone))


def date_and_time(when: datetime) -> str:
    """Return 2026-03-01 10:02 (Japan time), in Japanese with its date."""
    local = timezone.localtime(when)
    return _with_zone(f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M}", when)


def age(since: datetime, now: datetime | None = None) -> str:
    """Return how long ago something was, in its largest unit: 12 min, 3 h, 2 days."""
    seconds = int(((now or timezone.now()) - since).total_seconds())
    minutes = max(seconds, 0) // 60
    if minutes < 1:
        return gettext("just now")
    if minutes < 60:  # noqa: PLR2004 (minutes of an hour)
        return gettext("%(count)d min") % {"count": minutes}
    hours = minutes // 60
    if hours < 48:  # noqa: PLR2004 (below two days hours say more)
        return gettext("%(count)d h") % {"count": hours}
    days = hours // 24
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def duration(start: datetime, end: datetime | None) -> str:
    """Return how long something took: 0.25 s, 12 s, 3 min; empty without an end."""
    if end is None:
        return ""
    seconds = (end - start).total_seconds()
    if seconds < 10:  # noqa: PLR2004 (below that, fractions matter)
        return gettext("%(seconds).2f s") % {"seconds": seconds}
    if seconds < 120:  # noqa: PLR2004 (two minutes)
        return gettext("%(seconds)d s") % {"seconds": seconds}
    return gettext("%(count)d min") % {"count": seconds // 60}


def _with_zone(text: str, when: datetime) -> str:
    return gettext("%(time)s (%(zone)s)") % {"time": text, "zone": zone_name(when)}


def _offset(offset: timedelta) -> str:
    """Return an offset as UTC+9, UTC-3:30, UTC+0."""
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"
