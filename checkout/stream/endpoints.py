"""The alert about an endpoint of webhooks that was disabled after days of failures."""

from django.utils.translation import gettext

from checkout.alerts.notices import Notice, key_of, last_error, next_steps
from checkout.status.names import CHECKOUT_NAME
from outgoing.webhooks.models import Endpoint
from saga.alerting import raise_notice
from saga.models import Alert
from shop import database_clock
from shop.web.admin_addresses import list_page, row_page

DISABLED = "endpoint_disabled"
ANCHOR = "an-endpoint-of-webhooks-was-disabled"


def alert(endpoint: Endpoint) -> None:
    """Alert staff, by mail as well if ALERT_EMAILS is set."""
    raise_notice(CHECKOUT_NAME, f"{DISABLED} {endpoint.pk}", database_clock.read())


def write(alert: Alert) -> Notice:
    endpoint = Endpoint.objects.filter(pk=key_of(alert)).first()
    name = endpoint.name if endpoint else gettext("one that was removed since")
    page = list_page("outgoing_endpoint")
    if endpoint:
        page = row_page("outgoing_endpoint", endpoint.pk)
    title = gettext("The webhook endpoint %(name)s was disabled")
    return title % {"name": name}, [
        last_error(endpoint.error[:300] if endpoint else ""),
        gettext("It gets no webhooks until staff switch it on again. Orders go on."),
        gettext("What happens meanwhile can be sent afterwards."),
        *next_steps(page, ANCHOR),
    ]


WRITERS = {DISABLED: write}
