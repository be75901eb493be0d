"""What the shop's rows say as events."""

from uuid import uuid4

import jsonschema
import pytest
from django.db import transaction

from checkout.stream import orders, stock
from events.models import CapturedRow, Event
from events.router import route_all
from events.types import all_types, find_type
from inventory.models import Movement
from inventory.services import adjust, receive
from orders import transitions
from orders.models import OrderEvent
from orders.transitions.events import record_events
from tests.support.ordering import place
from tests.support.orders import make_order
from tests.support.shopping import complete

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
Name = OrderEvent.Name


def assert_described() -> None:
    """Every event's data are what its type's schema says."""
    for event in Event.objects.all():
        jsonschema.validate(event.data, find_type(event.type).schema)


@pytest.mark.parametrize("name", list(Name))
def test_every_event_of_an_order_has_a_type(name: Name) -> None:
    kind = find_type(orders.type_of(name))

    assert kind.summary == str(name.label)
    assert kind.name.count(".") == 1


def test_names_of_types_are_unique() -> None:
    names = [orders.type_of(name) for name in Name]

    assert len(set(names)) == len(names)
    assert {*names, "stock.received"} <= {each.name for each in all_types()}


def test_what_happens_to_an_order_becomes_events() -> None:
    order, _saga = place(units={"MUG-01": 2})
    complete(order)
    route_all()

    rows = list(Event.objects.filter(correlation=order.number).order_by("sequence"))
    types = [row.type for row in rows]
    assert types[:2] == ["order.placed", "payment.captured"]
    assert {"order.confirmed", "shipment.requested"} <= set(types)
    assert [row.sequence for row in rows] == [*range(1, len(rows) + 1)]
    assert {row.subject for row in rows} == {f"order/{order.number}"}
    (line,) = order.lines.all()
    assert rows[0].data == {
        "order": order.number,
        "currency": "JPY",
        "total": order.total_minor,
        "shipping": order.shipping_minor,
        "discount": 0,
        "lines": [
            {
                "sku": "MUG-01",
                "quantity": 2,
                "unit": line.unit_minor,
                "discount": 0,
                "tax_rate": line.tax_rate,
            }
        ],
    }
    assert rows[1].data["amount"] == order.total_minor
    assert_described()


def test_no_event_names_a_person() -> None:
    order, _saga = place(units={"MUG-01": 1})
    transitions.record_event(
        order.pk,
        Name.TRACKING_CORRECTED,
        fields=["tracking_number"],
        actor="yuki",
        reason="Sato told us",
    )
    route_all()

    said = str(list(Event.objects.values_list("data", flat=True)))
    for private in (order.email, order.name, order.phone, order.street, "yuki", "Sato"):
        assert private not in said
    assert_described()


def test_an_event_written_twice_is_captured_once() -> None:
    order = make_order()
    transitions.record_event(order.pk, Name.CONFIRMATION_SENT)
    transitions.record_event(order.pk, Name.CONFIRMATION_SENT)
    record_events([OrderEvent(order=order, name=Name.CONFIRMATION_SENT)])
    route_all()

    assert Event.objects.filter(type="order.confirmation_sent").count() == 1


def test_what_is_rolled_back_did_not_happen() -> None:
    order = make_order()
    route_all()
    with transaction.atomic():
        transitions.record_event(order.pk, Name.CONFIRMATION_SENT)
        transaction.set_rollback(True)

    assert not CapturedRow.objects.exists()


def test_movements_of_the_stock_become_events() -> None:
    receive("TEA-01", 5, f"delivery-{uuid4().hex[:8]}")
    adjust("TEA-01", -2, "count-1", "broken", "yuki")
    route_all()

    rows = Event.objects.filter(subject="sku/TEA-01").order_by("sequence")
    said = [(row.type, row.data["quantity"], row.correlation) for row in rows]
    assert said == [("stock.received", 5, ""), ("stock.adjusted", -2, "")]
    assert_described()


def test_a_movement_for_an_order_belongs_to_it() -> None:
    receive("TEA-01", 5, "delivery-1")
    item_pk = Movement.objects.get().item_id
    Movement.objects.create(
        item_id=item_pk, kind=Movement.Kind.SHIP_OUT, quantity=-1, reference="O-1"
    )
    route_all()

    assert Event.objects.get(type="stock.shipped").correlation == "O-1"


def test_both_sources_are_known() -> None:
    assert {orders.source().name, stock.source().name} == {"order", "stock"}
