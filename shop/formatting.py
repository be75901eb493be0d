"""Money and time as people read them."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext

from shop.money import Money

# Text that is translated when it is read.
Wording = str | Promise


def price(amount: Money) -> str:
    return amount.format(get_language() or "en")


def moment(when: datetime) -> str:
    """Write a time of today as 10:02, any other with its day."""
    local = timezone.localtime(when)
    if local.date() == timezone.localdate():
        return f"{local:%H:%M}"
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M}"


def age(since: datetime, now: datetime | None = None) -> str:
    """Write how long ago something was, in its largest unit: 12 min, 3 h, 2 days."""
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
    """Write how long a try took: 0.25 s, 12 s, 3 min."""
    if end is None:
        return ""
    seconds = (end - start).total_seconds()
    if seconds < 10:  # noqa: PLR2004 (below that, fractions matter)
        return gettext("%(seconds).2f s") % {"seconds": seconds}
    if seconds < 120:  # noqa: PLR2004 (two minutes)
        return gettext("%(seconds)d s") % {"seconds": seconds}
    return gettext("%(count)d min") % {"count": seconds // 60}
