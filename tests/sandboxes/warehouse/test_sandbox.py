"""The offline warehouse and the shop, under every fault."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.warehouse.http_warehouse import HttpWarehouse
from checkout.aftersales.warehouse.messages import Kind
from checkout.aftersales.warehouse.models import WarehouseOrder, WarehouseReport
from checkout.aftersales.warehouse.port import (
    Answer,
    Misconfigured,
    NoAnswer,
    NotFound,
    Recipient,
    Standing,
    get_warehouse,
)
from checkout.aftersales.warehouse.shipping.claimed_shipment import request
from checkout.aftersales.warehouse.shipping.consignments import OrderConsignment
from orders.models import Order, Parcel, Shortage
from saga.engine import run
from saga.models import Saga, State
from saga.operations import resume
from sandboxes.warehouse import DEFAULT_REPORT_SECRET, DEFAULT_SECRET, control
from sandboxes.warehouse.faults import KINDS
from tests.support.ordering import place
from tests.support.refunding import make_charged_order
from tests.support.returns import register
from tests.support.shortages import Choice, decide
from tests.support.warehouse import go_on, shipping_of
from tests.support.warehouse_sandbox import Received, WarehouseSandbox

pytestmark = [
    pytest.mark.long,
    pytest.mark.django_db,
    pytest.mark.usefixtures("gateway"),
]

BOTH = {"MUG-01": 2, "TEA-01": 1}
SECONDS = 30.0


@pytest.fixture
def received() -> Iterator[Received]:
    received = Received().start()
    yield received
    received.stop()


@pytest.fixture
def sandbox(
    tmp_path: Path, received: Received, settings: Settings
) -> Iterator[WarehouseSandbox]:
    sandbox = WarehouseSandbox(tmp_path / "warehouse", received.url).start()
    settings.WAREHOUSE = "sandbox"
    settings.WAREHOUSE_ADAPTER = (
        "checkout.aftersales.warehouse.http_warehouse.HttpWarehouse"
    )
    settings.WAREHOUSE_URL = sandbox.url
    settings.WAREHOUSE_SECRETS = [DEFAULT_SECRET]
    settings.WAREHOUSE_REPORT_SECRETS = [DEFAULT_REPORT_SECRET]
    settings.WAREHOUSE_TIMEOUT = 0.5
    get_warehouse.cache_clear()
    yield sandbox
    get_warehouse.cache_clear()
    assert sandbox.stop() == 0


def pass_on(received: Received) -> None:
    """Hand what the sandbox has sent to the shop, as a web process does."""
    while received.messages:
        headers, body = received.messages.pop(0)
        own = {name: value for name, value in headers.items() if "webhook" in name}
        answer = Client().post(
            "/webhooks/warehouse/", body, "application/json", headers=own
        )
        assert answer.status_code == 200, answer.content


def lead(
    order: Order, received: Received, until: Callable[[Saga], bool] | None = None
) -> Saga:
    """Run the shipping saga until it has ended, or ``until``; a try is due at once."""
    enough = time.monotonic() + SECONDS
    is_there = until or (lambda saga: saga.state == State.DONE)
    saga = shipping_of(order)
    while time.monotonic() < enough:
        pass_on(received)
        due = Saga.objects.filter(pk=shipping_of(order).pk, state=State.RUNNING)
        due.update(due_at=order.placed_at)
        saga = go_on(order)
        if is_there(saga):
            return saga
        time.sleep(0.02)
    message = f"it is {saga.state} at {saga.step}: {saga.error}"
    raise AssertionError(message)


def assert_delivered_once(order: Order, sandbox: WarehouseSandbox) -> None:
    order.refresh_from_db()
    assert order.status == Order.Status.SHIPPED
    there = sandbox.order(order.number)
    assert there["standing"] == "delivered"
    sent = [item for parcel in there["parcels"] for item in parcel["items"]]
    total = dict.fromkeys(BOTH, 0)
    for item in sent:
        total[item["sku"]] += item["quantity"]
    assert total == BOTH
    parcels = Parcel.objects.filter(shipment__order=order)
    assert {one.tracking_number for one in parcels} == {
        parcel["tracking_number"] for parcel in there["parcels"]
    }
    assert not WarehouseReport.objects.exclude(refused="").exists()


def test_an_order_walks_to_delivered_by_itself(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    order = make_charged_order(BOTH)

    lead(order, received)

    assert_delivered_once(order, sandbox)


ENDS_WELL = (
    "lost_answer",
    "error",
    "slow_answer",
    "delay",
    "double",
    "reorder",
    "split",
)


@pytest.mark.parametrize("kind", ENDS_WELL)
def test_under_every_fault_it_ends_well(
    sandbox: WarehouseSandbox, received: Received, kind: str
) -> None:
    times = 1 if kind == "split" else 3
    sandbox.control("fault", kind=kind, times=times, seconds=0.7)

    order = make_charged_order(BOTH)
    lead(order, received)

    assert_delivered_once(order, sandbox)


def test_a_report_that_never_comes_is_made_up_for(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    sandbox.control("fault", kind="drop", times=2)

    order = make_charged_order(BOTH)
    lead(order, received)

    assert_delivered_once(order, sandbox)


def test_while_it_is_silent_orders_wait_and_then_go_on(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    sandbox.control("fault", kind="silence")
    order = make_charged_order(BOTH)
    saga = go_on(order)
    assert saga.error_class == "WarehouseSilent"

    sandbox.control("clear")
    lead(order, received)

    assert_delivered_once(order, sandbox)


def test_faults_of_one_kind_are_cleared_alone(sandbox: WarehouseSandbox) -> None:
    for kind in ("silence", "double", "silence"):
        sandbox.control("fault", kind=kind)

    assert sandbox.control("clear", kind="silence") == {"cleared": 2}

    armed = sandbox.control("faults")["faults"]
    assert [rule["kind"] for rule in armed] == ["double"]
    assert sandbox.control("clear") == {"cleared": 1}


def test_a_rejected_order_is_asked_for_again_when_staff_resume_it(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    sandbox.control("fault", kind="reject")
    order = make_charged_order(BOTH)
    saga = lead(order, received, lambda saga: saga.state == State.FAILED)
    assert saga.error_class == "FulfilmentRejected"

    resume(saga, "ken", "address corrected")
    lead(order, received)

    assert_delivered_once(order, sandbox)
    assert sandbox.order(order.number)["revision"] == 2


def test_what_is_short_is_decided_at_the_desk(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    sandbox.control("fault", kind="short")
    order = make_charged_order(BOTH)
    lead(order, received, lambda saga: saga.waiting_for == "missing goods")
    shortage = Shortage.objects.get(order=order)
    (missing,) = shortages.units_of(shortage).items()

    decide(shortage, Choice.PART)
    lead(order, received)

    there = sandbox.order(order.number)
    assert there["standing"] == "delivered"
    (parcel,) = there["parcels"]
    sent = {item["sku"]: item["quantity"] for item in parcel["items"]}
    assert sent.get(missing[0], 0) == BOTH[missing[0]] - missing[1]


def test_a_parcel_that_comes_back_waits_for_staff(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    sandbox.control("fault", kind="return")
    order = make_charged_order(BOTH)

    saga = lead(order, received, lambda saga: saga.state == State.FAILED)

    assert saga.error_class == "ReturnedToSender"


def test_every_fault_of_it_is_tried_here() -> None:
    tried = {*ENDS_WELL, "drop", "silence", "reject", "short", "return"}

    assert tried == set(KINDS)


def test_it_cancels_what_has_not_left_and_refuses_what_has(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    early, late = make_charged_order(BOTH), make_charged_order(BOTH)
    lead(late, received)

    assert HttpWarehouse().request_cancellation(late.number) is Answer.REFUSED
    if sandbox.order(early.number)["parcels"]:
        return
    assert HttpWarehouse().request_cancellation(early.number) is Answer.ACCEPTED
    assert sandbox.order(early.number)["standing"] == "cancelled"


def test_what_was_cancelled_is_not_sent_by_a_request_that_comes_late(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    sandbox.control("fault", kind="reject")
    order = make_charged_order(BOTH)
    lead(order, received, lambda saga: saga.state == State.FAILED)
    assert HttpWarehouse().request_cancellation(order.number) is Answer.ACCEPTED
    row = WarehouseOrder.objects.get(shipment__order=order)
    row.revision += 1

    assert request(OrderConsignment(order), row).standing is Standing.CANCELLED

    assert sandbox.order(order.number)["next"] == ""


def test_it_forgets_nothing_when_it_is_killed(
    tmp_path: Path, received: Received, sandbox: WarehouseSandbox, settings: Settings
) -> None:
    order = make_charged_order(BOTH)
    again = WarehouseSandbox(tmp_path / "warehouse", received.url)
    sandbox.kill()
    sandbox.process, sandbox.url = again.start().process, again.url
    settings.WAREHOUSE_URL = again.url

    lead(order, received)

    assert_delivered_once(order, sandbox)


def test_wrong_secrets_and_unknown_shipments_are_refused(
    sandbox: WarehouseSandbox, settings: Settings
) -> None:
    with pytest.raises(NotFound):
        HttpWarehouse().status("T-999999")
    settings.WAREHOUSE_SECRETS = [DEFAULT_REPORT_SECRET]
    with pytest.raises(Misconfigured):
        HttpWarehouse().status("T-999999")
    sandbox.control("fault", kind="silence")
    settings.WAREHOUSE_SECRETS = [DEFAULT_SECRET]
    with pytest.raises(NoAnswer):
        HttpWarehouse().status("T-999999")


def test_it_takes_another_recipient_and_way_until_a_parcel_has_left(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    order = make_charged_order(BOTH)
    go_on(order)
    someone = Recipient("Taro", "03", "105-0011", "tokyo", "Minato-ku", "4-2-8")

    answer = HttpWarehouse().change_recipient(order.number, someone, "leave")

    assert answer is Answer.ACCEPTED
    asked = sandbox.order(order.number)["asked"]
    assert (asked["recipient"]["name"], asked["delivery"]) == ("Taro", "leave")
    lead(order, received)
    answer = HttpWarehouse().change_recipient(order.number, someone, "door")
    assert answer is Answer.REFUSED


def test_it_sends_with_the_carrier_that_was_asked_for(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    order, saga = place(units=BOTH)
    Order.objects.update(shipping_carrier="sagawa", ship_by=date(2026, 12, 1))
    run(saga.pk)

    lead(order, received)

    assert Parcel.objects.get().carrier == "sagawa"
    with urllib.request.urlopen(sandbox.url, timeout=10) as answer:
        assert "by 2026-12-01" in answer.read().decode()


def test_control_answers_from_a_shell(
    sandbox: WarehouseSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert control.main(["--url", sandbox.url, "fault", "double", "--times", "2"]) == 0
    assert control.main(["--url", sandbox.url, "faults"]) == 0
    assert (
        json.loads(capsys.readouterr().out.splitlines()[-1])["faults"][0]["times"] == 2
    )
    assert control.main(["--url", sandbox.url, "clock", "60"]) == 0
    assert control.main(["--url", sandbox.url, "reset"]) == 0
    assert control.main(["--url", "http://127.0.0.1:9", "orders"]) == 2


def test_it_reports_a_return_which_the_shop_books_once(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    order = make_charged_order(BOTH)
    lead(order, received)
    order.refresh_from_db()
    returned = register(order)
    sandbox.control("fault", kind="double")

    sandbox.control("take_back", shipment=order.number, unfit=True)

    enough = time.monotonic() + SECONDS
    while returned.status != "received" and time.monotonic() < enough:
        time.sleep(0.02)
        pass_on(received)
        returned.refresh_from_db()
    assert [row.scrapped for row in returned.lines.all()] == [
        row.quantity for row in returned.lines.all()
    ]
    assert not WarehouseReport.objects.exclude(refused="").exists()


def test_its_page_shows_its_orders(
    sandbox: WarehouseSandbox, received: Received
) -> None:
    order = make_charged_order(BOTH)
    with urllib.request.urlopen(sandbox.url, timeout=10) as answer:
        page = answer.read().decode()

    assert order.number in page
    assert "http-equiv" in page


def test_it_reports_every_kind_that_it_may() -> None:
    source = Path("sandboxes/warehouse/orders.py").read_text()
    silent = {Kind.CANCELLATION_REFUSED}

    for kind in set(Kind) - silent:
        assert f'"{kind.value.removeprefix("shipment.")}"' in source
