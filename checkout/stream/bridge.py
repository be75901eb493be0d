"""The alert that the broker, to which the bridge sends events, is away."""

from datetime import timedelta

from django.utils.translation import gettext, ngettext

from checkout.alerts.notices import Notice, next_steps
from checkout.status.names import CHECKOUT_NAME
from events.models import Delivery
from outgoing.bridge.consumer import NAME
from saga.alerting import raise_notice
from saga.models import Alert
from saga.retention import is_due
from shop import database_clock
from shop.formatting import moment
from shop.web.admin_addresses import list_page

AWAY = "bridge_away"
ANCHOR = "the-broker-of-the-bridge-is-away"
AGAIN_AFTER = timedelta(hours=6)


def alert(_error: str) -> None:
    """Alert staff at once, and every six hours for as long as it lasts."""
    now = database_clock.read()
    if is_due("alert to the bridge", AGAIN_AFTER, now):
        raise_notice(CHECKOUT_NAME, AWAY, now)


def write(_alert: Alert) -> Notice:
    waiting = Delivery.objects.waiting().filter(consumer=NAME)
    oldest = waiting.select_related("event").order_by("event_id").first()
    since = moment(oldest.event.occurred_at) if oldest else "-"
    page = f"{list_page('events_delivery')}?consumer={NAME}"
    count = waiting.count()
    title = ngettext(
        "The events' broker is away: %(count)d event waits",
        "The events' broker is away: %(count)d events wait",
        count,
    )
    oldest_at = gettext(
        "The oldest happened at %(time)s. The sweeper's log says what the broker said."
    )
    return title % {"count": count}, [
        oldest_at % {"time": since},
        gettext("Orders go on. Nothing is lost: the events are sent when it is back."),
        *next_steps(page, ANCHOR),
    ]


WRITERS = {AWAY: write}
