"""Alerts about hosts whose clock is wrong."""

from datetime import datetime, timedelta

from django.utils.translation import gettext

from checkout.alerts.notices import Notice, next_steps
from checkout.status.names import CHECKOUT_NAME
from saga.alerting import raise_notice
from saga.heartbeat import wrong_clocks
from saga.models import Alert, Heartbeat
from saga.retention import is_due
from shop.web.admin_addresses import list_page

TOPIC = "clocks"
REPEATED_EVERY = timedelta(hours=1)
_ANCHOR = "an-alert-says-that-a-clock-is-wrong"


def watch_clocks(now: datetime) -> bool:
    """Alert staff, once an hour, while a host's clock is wrong. Return whether it did.

    Several sweepers may do this at once.
    """
    if not wrong_clocks() or not is_due(TOPIC, REPEATED_EVERY, now):
        return False
    raise_notice(CHECKOUT_NAME, TOPIC, now)
    return True


def write(_alert: Alert) -> Notice:
    """Return title and lines about the clocks that are wrong when it is sent."""
    wrong = wrong_clocks()
    if not wrong:
        return gettext("Clocks: all are right again"), []
    hosts = sorted({beat.host for beat in wrong})
    line = gettext("- %(role)s on %(host)s: %(offset)s")
    remedy = gettext("Switch on NTP on that host: %(command)s")
    title = gettext("The clock is wrong on %(hosts)s")
    return title % {"hosts": ", ".join(hosts)}, [
        *(
            line % {"role": beat.role, "host": beat.host, "offset": describe(beat)}
            for beat in wrong
        ),
        gettext("Orders are not delayed: they go by the database's clock."),
        gettext("Logs, sign-ins with a code and TLS go by the host's clock."),
        remedy % {"command": "timedatectl set-ntp true"},
        gettext(
            "If all hosts are named, the database's own host is the one that is wrong."
        ),
        *next_steps(list_page("saga_heartbeat"), _ANCHOR),
    ]


def describe(beat: Heartbeat) -> str:
    """Return for instance ``300 s ahead of the database's clock``."""
    seconds = round((beat.clock_offset or timedelta(0)).total_seconds())
    ahead = gettext("%(seconds)d s ahead of the database's clock")
    behind = gettext("%(seconds)d s behind the database's clock")
    return (ahead if seconds > 0 else behind) % {"seconds": abs(seconds)}


WRITERS = {TOPIC: write}
