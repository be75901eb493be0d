"""The alert about events that a consumer cannot take."""

from django.utils.translation import gettext

from checkout.alerts.notices import Notice, key_of, last_error, next_steps
from checkout.status.names import CHECKOUT_NAME
from events.consumers import find_consumer
from events.models import Delivery
from saga.alerting import raise_notice
from saga.models import Alert
from shop import database_clock
from shop.web.admin_addresses import list_page

DEAD_LETTER = "dead_letter"
ANCHOR = "a-consumer-of-events-fails"


def alert(delivery: Delivery) -> None:
    """Alert staff to a delivery that has become a dead letter."""
    topic = f"{DEAD_LETTER} {delivery.consumer}"
    raise_notice(CHECKOUT_NAME, topic, database_clock.read())


def write(alert: Alert) -> Notice:
    consumer = key_of(alert)
    dead = Delivery.objects.dead().filter(consumer=consumer)
    newest = dead.order_by("-ended_at").first()
    page = f"{list_page('events_delivery')}?consumer={consumer}"
    error = f"{newest.error_class}: {newest.error[:300]}" if newest else ""
    known = find_consumer(consumer)
    name = (known and known.title) or consumer
    title = gettext("Events could not be delivered to %(name)s: %(count)d")
    return title % {"name": name, "count": dead.count()}, [
        last_error(error),
        gettext("Orders go on. What this consumer does is missing for these events."),
        *next_steps(page, ANCHOR),
    ]


WRITERS = {DEAD_LETTER: write}
