"""The fields of webhook endpoints, and where they show."""

from collections.abc import Callable

from django.db.models import Model

from events.consumers import all_consumers
from outgoing.webhooks.models import Endpoint
from outgoing.webhooks.services import add, send_test
from tests.backoffice.admin.places import Shop
from tests.backoffice.admin.staff_fields import Change, named

# In a network that is nobody's, so that no call leaves this machine.
ADDRESS = "https://192.0.2.7/hook"


def set_up() -> None:
    add(Endpoint(name="ERP", url=ADDRESS, types="order.*"), "mina")


OBJECTS: dict[str, Callable[[], Model]] = {"outgoing.Endpoint": Endpoint.objects.get}


def _deliveries(_shop: Shop) -> str:
    """Return to whom events of which types go, and whether in order."""
    return "; ".join(
        f"{each.title}: {', '.join(each.patterns)}{' in order' * each.in_order}"
        for each in all_consumers()
        if each.is_outside
    )


def _called(_shop: Shop) -> str:
    """Return what is said of a call of the address, which is refused."""
    return send_test(Endpoint.objects.get()).error


PLACES: dict[str, Callable[[Shop], str]] = {
    "deliveries": _deliveries,
    "called": _called,
}

TABLE: dict[str, Change] = {
    "outgoing.Endpoint.name": named("Books", "deliveries"),
    "outgoing.Endpoint.url": Change(
        "https://192.0.2.8/hook", {"called": "192.0.2.8"}, {"called": "192.0.2.7"}
    ),
    "outgoing.Endpoint.types": Change(
        "stock.*", {"deliveries": "stock.*"}, {"deliveries": "order.*"}
    ),
    "outgoing.Endpoint.in_order": Change(True, {"deliveries": "in order"}),
}
