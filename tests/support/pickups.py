"""Orders that their customers pick up."""

from orders.models import Order
from tests.support.refunding import make_charged_order

PLACE = {
    "pickup_place": "Minato",
    "pickup_address": "1-2-3 Minato, Tokyo",
    "pickup_hours": "10:00 to 19:00",
    "delivery": "",
    "postcode": "",
    "prefecture": "",
    "city": "",
    "street": "",
}


def make_pickup_order(units: dict[str, int] | None = None) -> Order:
    """Return a paid order that is picked up in Minato."""
    order = make_charged_order(units or {"MUG-01": 2})
    Order.objects.filter(pk=order.pk).update(**PLACE)
    order.refresh_from_db()
    return order
