"""The address at which the warehouse reports: what is not true changes nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from checkout.aftersales.warehouse.models import (
    WarehouseOrder,
    WarehouseProblem,
    WarehouseReport,
)
from orders.models import Order
from saga.models import Alert
from shop.outbound.standard_webhooks import sign
from tests.conftest import Clock
from tests.support.warehouse import FakeWarehouse, body, box, shipping_of

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

URL = "/webhooks/warehouse/"
SECRET = "whsec_YS1zZWNyZXQtb2YtdGhlLXJlcG9ydHMtb25l"
NEXT_SECRET = "whsec_YS1zZWNyZXQtb2YtdGhlLXJlcG9ydHMtdHdv"
CALLS = "whsec_dGhlLXNlY3JldC10aGF0LXNpZ25zLWNhbGxz"


@pytest.fixture(autouse=True)
def secrets(settings: Settings) -> None:
    settings.WAREHOUSE_REPORT_SECRETS = [SECRET]


def post(
    content: bytes, message_id: str = "msg_1", secret: str = SECRET, **headers: str
) -> Any:
    signed = sign(message_id, content.decode("utf-8", "replace"), [secret])
    return Client().post(
        URL, content, content_type="application/json", headers=signed | headers
    )


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, json.loads(answer.content)["error"]["code"]


def nothing_changed(order: Order) -> None:
    row = WarehouseOrder.objects.get(shipment__order=order)
    assert (row.standing, row.sequence, row.parcels) == ("received", 0, [])
    saga = shipping_of(order)
    assert (saga.step, saga.state) == ("await_acceptance", "waiting")


def test_a_signed_report_is_taken_and_wakes_the_saga(requested: Order) -> None:
    answer = post(body("accepted", requested, 1))

    assert (answer.status_code, answer.json()) == (200, {"taken": True, "again": False})
    assert WarehouseOrder.objects.get().standing == "accepted"
    assert shipping_of(requested).state == "running"


def test_the_same_report_twice_is_taken_once(requested: Order) -> None:
    post(body("accepted", requested, 1))

    again = post(body("accepted", requested, 1))

    assert again.json() == {"taken": True, "again": True}
    assert WarehouseReport.objects.count() == 1


def test_a_secret_may_be_replaced_without_a_gap(
    requested: Order, settings: Settings
) -> None:
    settings.WAREHOUSE_REPORT_SECRETS = [NEXT_SECRET, SECRET]
    assert post(body("accepted", requested, 1)).status_code == 200
    assert (
        post(body("packed", requested, 2), "msg_2", secret=NEXT_SECRET).status_code
        == 200
    )

    settings.WAREHOUSE_REPORT_SECRETS = [NEXT_SECRET]
    answer = post(body("packed", requested, 3), "msg_3")
    assert error(answer) == (401, "bad_signature")


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": "v1,bm8="},
        {"webhook-signature": "nonsense"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": ""},
        {"webhook-id": "msg_2"},
        {"webhook-id": "x" * 300},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "99999999999"},
    ],
)
def test_a_report_that_is_not_signed_is_refused(
    requested: Order, headers: dict[str, str]
) -> None:
    answer = post(body("accepted", requested, 1), **headers)

    assert error(answer) == (401, "bad_signature")
    nothing_changed(requested)
    assert not WarehouseReport.objects.exists()
    assert WarehouseProblem.objects.get().cause == "bad_signature"


def test_a_call_of_the_shop_cannot_be_sent_back_to_it(requested: Order) -> None:
    answer = post(body("accepted", requested, 1), secret=CALLS)

    assert error(answer) == (401, "bad_signature")


@pytest.mark.parametrize("seconds", [301, -301])
def test_a_stale_report_is_refused(
    requested: Order, clock: Clock, seconds: int
) -> None:
    content = body("accepted", requested, 1)
    signed = sign("msg_1", content.decode(), [SECRET])
    clock.shift(seconds)

    answer = Client().post(URL, content, "application/json", headers=signed)

    assert error(answer) == (401, "stale_timestamp")
    nothing_changed(requested)


def test_a_report_that_is_too_large_is_not_even_read(requested: Order) -> None:
    answer = post(body("accepted", requested, 1, reason="x" * 270_000))

    assert error(answer) == (413, "too_large")
    nothing_changed(requested)


Make = Callable[[Order], bytes]
WRONG: dict[str, tuple[Make, int, str]] = {
    "unknown shipment": (
        lambda o: body("accepted", o, 1, shipment="T-999999"),
        404,
        "unknown_shipment",
    ),
    "wrong item": (
        lambda o: body("shipped", o, 1, parcel=box(1, {"CAP-01": 1})),
        422,
        "wrong_items",
    ),
    "wrong item missing": (
        lambda o: body("short", o, 1, items=[{"sku": "CAP-01", "quantity": 1}]),
        422,
        "wrong_items",
    ),
    "too many": (
        lambda o: body("shipped", o, 1, parcel=box(1, {"MUG-01": 3})),
        422,
        "too_many_units",
    ),
    "too many missing": (
        lambda o: body("short", o, 1, items=[{"sku": "MUG-01", "quantity": 3}]),
        422,
        "too_many_units",
    ),
    "no json": (lambda _o: b"shipped!", 400, "unreadable"),
    "deep": (lambda _o: b"[" * 20_000, 400, "unreadable"),
    "a list": (lambda _o: b"[]", 400, "unreadable"),
    "unknown type": (lambda o: body("eaten", o, 1), 400, "unreadable"),
    "no parcel": (lambda o: body("shipped", o, 1), 400, "unreadable"),
    "nothing missing": (lambda o: body("short", o, 1, items=[]), 400, "unreadable"),
    "sku twice": (
        lambda o: body("short", o, 1, items=[{"sku": "MUG-01", "quantity": 1}] * 2),
        400,
        "unreadable",
    ),
    "half a unit": (
        lambda o: body("short", o, 1, items=[{"sku": "MUG-01", "quantity": 0.5}]),
        400,
        "unreadable",
    ),
    "no sequence": (lambda o: body("accepted", o, 0), 400, "unreadable"),
    "huge sequence": (lambda o: body("accepted", o, 2**70), 400, "unreadable"),
    "NUL": (
        lambda o: body("accepted", o, 1, shipment="T\0"),
        400,
        "unreadable",
    ),
    "long tracking": (
        lambda o: body(
            "shipped",
            o,
            1,
            parcel=box(1, {"MUG-01": 1}) | {"tracking_number": "1" * 41},
        ),
        400,
        "unreadable",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_report_that_cannot_be_true_is_kept_for_staff_and_changes_nothing(
    requested: Order, name: str
) -> None:
    make, status, code = WRONG[name]

    answer = post(make(requested))

    assert error(answer) == (status, code)
    nothing_changed(requested)
    kept = WarehouseReport.objects.get()
    assert (kept.refused, kept.applied_at) == (code, None)
    assert kept.detail
    assert Alert.objects.filter(topic__startswith="warehouse_reports").exists()
    assert error(post(make(requested))) == (status, code), "the same again"
    assert WarehouseReport.objects.count() == 1


def test_what_people_read_is_cut_and_cleaned(requested: Order) -> None:
    answer = post(body("rejected", requested, 1, reason="no\0street" + "!" * 400))

    assert answer.status_code == 200
    reason = WarehouseOrder.objects.get().reason
    assert reason.startswith("no\ufffdstreet")
    assert len(reason) == 300


def test_parcels_together_must_not_hold_more_than_was_requested(
    requested: Order,
) -> None:
    # The first of the two waits for the report of sequence 1.
    assert post(body("shipped", requested, 2, parcel=box(1, {"MUG-01": 2}))).json()

    beyond = post(body("shipped", requested, 3, parcel=box(2, {"MUG-01": 1})), "msg_2")

    assert error(beyond) == (422, "too_many_units")


def test_a_sequence_number_belongs_to_one_report(requested: Order) -> None:
    post(body("accepted", requested, 1))

    answer = post(body("rejected", requested, 1), "msg_2")

    assert error(answer) == (409, "sequence_taken")
    assert WarehouseOrder.objects.get().standing == "accepted"


def test_an_id_belongs_to_one_report(requested: Order) -> None:
    post(body("accepted", requested, 1))

    answer = post(body("packed", requested, 2))

    assert error(answer) == (409, "reused_id")
    assert WarehouseOrder.objects.get().sequence == 1


def test_nonsense_of_strangers_alerts_staff_when_it_repeats(
    warehouse: FakeWarehouse, clock: Clock
) -> None:
    for _time in range(3):
        assert not Alert.objects.exists()
        Client().post(URL, b"{}", "application/json")
        clock.shift(2)

    assert WarehouseProblem.objects.get().times == 3
    assert Alert.objects.count() == 1


def test_only_posts_are_taken(warehouse: FakeWarehouse) -> None:
    assert Client().get(URL).status_code == 405
