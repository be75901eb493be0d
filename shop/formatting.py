"""Format money and times for people, in the active language."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext

from shop.money import Money

# A text, or one that is translated when it is shown.
Wording = str | Promise


def price(amount: Money) -> str:
    """Return the amount with its currency sign, as ``Money.format`` does."""
    return amount.format(get_language() or "en")


def moment(when: datetime) -> str:
    """Return a time of today as 10:02, any other with its date."""
    local = timezone.localtime(when)
    if local.date() == timezone.localdate():
        return f"{local:%H:%M}"
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M}"


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
