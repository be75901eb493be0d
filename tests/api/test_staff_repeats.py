"""What a program of staff sends again, or under a key that it has used, acts once."""

from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from backoffice.tokens.scopes import Scope
from checkout.payments.fake.gateway import FakeGateway
from inventory.models import Movement, StockItem
from inventory.services import receive
from orders.models import Cancellation, OrderChange, Parcel
from saga.models import Saga
from tests.api.staff_documents import adjust, cancel, correct, ship, take_in
from tests.support.cancelling import ask, make_approved_order
from tests.support.refunding import make_charged_order
from tests.support.staff import make_stalled
from tests.support.staff_api import Program, program

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def packer() -> Program:
    acts = ("ship_order", "correct_order")
    return program(Scope.FULFILMENT_WRITE, permissions=acts)


def refused(program: Program, document: str) -> list[str]:
    """Send it. Return the fields of the input that were refused."""
    answer = program.ask(document)["answer"]
    assert answer["code"] == "INVALID_INPUT", answer
    assert answer["message"]
    return [each["field"] for each in answer["fields"]]


def test_a_request_of_the_customer_is_accepted_once(
    settings: Settings, gateway: FakeGateway
) -> None:
    settings.CAPTURE = "shipment"
    order = make_approved_order()
    ask(order)
    erp = program(Scope.ORDERS_CANCEL, permissions=("decide_cancellation",))
    for _time in range(2):
        assert erp.ask(cancel(order.number))["answer"]["number"] == order.number
    assert Cancellation.objects.get().decided_by == "erp (ERP)"


def test_a_key_names_one_parcel_and_one_correction(
    gateway: FakeGateway, packer: Program
) -> None:
    orders = [make_charged_order({"MUG-01": 1}) for _each in range(2)]
    one, two = (order.number for order in orders)
    assert packer.ask(ship(one))["answer"]["number"] == one
    assert refused(packer, ship(two)) == ["key"]
    assert Parcel.objects.count() == 1
    assert packer.ask(ship(two, key=str(uuid4())))["answer"]["number"] == two

    assert packer.ask(correct(one))["answer"]["number"] == one
    assert refused(packer, correct(two)) == ["key"]
    assert OrderChange.objects.count() == 1


def test_a_key_names_one_cancellation(settings: Settings, gateway: FakeGateway) -> None:
    settings.CAPTURE = "shipment"
    erp = program(Scope.ORDERS_CANCEL, permissions=("decide_cancellation",))
    one, two = make_approved_order(), make_approved_order()
    assert erp.ask(cancel(one.number))["answer"]["number"] == one.number
    assert refused(erp, cancel(two.number)) == ["key"]
    assert Cancellation.objects.count() == 1


def test_another_quantity_under_the_same_reference_is_refused() -> None:
    receive("MUG", 10, "opening")
    erp = program(Scope.STOCK_WRITE, permissions=("change_stockitem",))
    erp.ask(take_in())
    more = take_in().replace("quantity: 4", "quantity: 6")
    assert refused(erp, more) == ["deliveryNote"]
    erp.ask(adjust())
    assert refused(erp, adjust(difference=-2)) == ["key"]
    assert StockItem.objects.get().on_hand == 11
    assert Movement.objects.count() == 3


def test_a_parcel_has_what_was_named_or_nothing(
    gateway: FakeGateway, packer: Program
) -> None:
    order = make_charged_order({"MUG-01": 3})
    (line,) = order.lines.all()
    known = f"units_{line.pk}_0"

    def items(*pairs: tuple[str, int]) -> str:
        texts = [f'{{id: "{name}", quantity: {count}}}' for name, count in pairs]
        return f", items: [{', '.join(texts)}]"

    assert refused(packer, ship(order.number, items((known, 4)))) == ["items"]
    for strange in (str(line.pk), "carrier", "units_999_0"):
        wrong = items((known, 1), (strange, 1))
        assert refused(packer, ship(order.number, wrong)) == [""]
    assert Parcel.objects.count() == 0

    packer.ask(ship(order.number, items((known, 1), (known, 1))))
    line.refresh_from_db()
    assert line.shipped == 2


def test_an_error_names_nobody_to_who_may_not_read_recipients() -> None:
    order = make_stalled()
    Saga.objects.update(error="550 <hanako@example.com> refused")
    reader = program(Scope.ORDERS_READ, permissions=("view_order",))
    query = f'{{ order(number: "{order.number}") {{ sagas {{ error }} }} }}'
    found = reader.ask(query)["order"]["sagas"]
    assert {each["error"] for each in found} == {"550 <[hidden]> refused"}
