"""docs/warehouse.openapi.json says what the code sends and reads."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from checkout.aftersales.warehouse import messages
from checkout.aftersales.warehouse.messages import Call, Kind, read_report, read_status
from checkout.aftersales.warehouse.models import WarehouseOrder, WarehouseProblem
from checkout.aftersales.warehouse.port import Answer, Item, Standing
from checkout.cart.models import Delivery
from checkout.payments.provider_fields import Unreadable
from orders.models import Carrier
from shop.outbound.standard_webhooks import TOLERANCE_SECONDS
from tests.checkout.aftersales.warehouse.test_http import ORDER, RECIPIENT

DOCS = Path(settings.BASE_DIR) / "docs"
PROTOCOL: dict[str, Any] = json.loads((DOCS / "warehouse.openapi.json").read_text())
SCHEMAS: dict[str, Any] = PROTOCOL["components"]["schemas"]
PAGE = (DOCS / "warehouse.md").read_text()
EXAMPLES = {
    name: given["value"]
    for name, given in PROTOCOL["webhooks"]["report"]["post"]["requestBody"]["content"][
        "application/json"
    ]["examples"].items()
}


def data_of(name: str, kind: str) -> dict[str, Any]:
    """Return the schema of the data of one type of message."""
    found = [
        one["properties"]["data"]
        for one in SCHEMAS[name]["oneOf"]
        if one["properties"]["type"]["const"] == kind
    ]
    assert len(found) == 1
    schema: dict[str, Any] = found[0]
    return schema


def types(name: str) -> set[str]:
    return {one["properties"]["type"]["const"] for one in SCHEMAS[name]["oneOf"]}


def test_it_knows_every_type_of_message() -> None:
    assert types("Call") == {call.value for call in Call}
    assert types("Report") == {kind.value for kind in Kind}
    assert SCHEMAS["Status"]["properties"]["standing"]["enum"] == [
        standing.value for standing in Standing
    ]
    assert SCHEMAS["Answer"]["properties"]["answer"]["enum"] == [
        answer.value for answer in Answer
    ]


def test_what_the_shop_sends_has_the_fields_of_its_schema() -> None:
    sent = messages.request_data(ORDER)
    schema = data_of("Call", "shipment.request")
    assert set(sent) == set(schema["properties"]) == set(schema["required"])
    assert set(sent["items"][0]) == set(SCHEMAS["AskedItem"]["properties"])
    assert set(sent["recipient"]) == set(SCHEMAS["Recipient"]["properties"])
    # Nobody chooses it outside Japan.
    assert schema["properties"]["delivery"]["enum"] == [*Delivery.values, ""]

    service = SCHEMAS["Service"]
    assert set(sent["service"]) == set(service["properties"]) == {*service["required"]}
    assert service["properties"]["carrier"]["enum"] == [*Carrier.values, ""]

    changed = messages.recipient_data("T-1", RECIPIENT, "door")
    other = data_of("Call", "shipment.change_recipient")["properties"]
    assert set(changed) == set(other)
    assert other["delivery"] == schema["properties"]["delivery"]


def test_there_is_an_example_of_every_report() -> None:
    assert {example["type"] for example in EXAMPLES.values()} == types("Report")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_shop_reads_every_example_and_needs_what_is_required(name: str) -> None:
    example = EXAMPLES[name]
    schema = data_of("Report", example["type"])
    assert set(schema["required"]) <= set(example["data"]) <= set(schema["properties"])

    report = read_report(json.dumps(example).encode())
    assert report.kind.value == example["type"]

    for field in schema["required"]:
        less = {key: value for key, value in example["data"].items() if key != field}
        with pytest.raises(Unreadable):
            read_report(json.dumps({**example, "data": less}).encode())


def test_a_status_needs_what_is_required() -> None:
    whole = {
        "shipment": "T-1",
        "standing": "received",
        "revision": 1,
        "sequence": 0,
        "short": [],
        "parcels": [EXAMPLES["shipped"]["data"]["parcel"]],
    }
    assert set(whole) == set(SCHEMAS["Status"]["required"])
    found = read_status(json.dumps(whole).encode())
    assert found.parcels[0].items == (Item("MUG-01", 2),)

    for field in whole:
        less = {key: value for key, value in whole.items() if key != field}
        with pytest.raises(Unreadable):
            read_status(json.dumps(less).encode())


def test_its_limits_are_those_of_the_code() -> None:
    parcel = SCHEMAS["Parcel"]["properties"]
    assert parcel["id"]["maxLength"] == messages.LONGEST_PARCEL
    assert parcel["carrier"]["maxLength"] == messages.LONGEST_CARRIER
    assert parcel["tracking_number"]["maxLength"] == messages.LONGEST_TRACKING
    assert parcel["items"]["maxItems"] == messages.MOST_ITEMS
    item = SCHEMAS["Item"]["properties"]
    assert item["sku"]["maxLength"] == messages.LONGEST_SKU
    assert item["quantity"]["maximum"] == messages.MOST_UNITS
    status = SCHEMAS["Status"]["properties"]
    assert status["shipment"]["maxLength"] == messages.LONGEST_SHIPMENT
    assert status["parcels"]["maxItems"] == messages.MOST_PARCELS
    text = json.dumps(PROTOCOL)
    assert str(messages.LARGEST_BODY) in text
    assert f"at most {TOLERANCE_SECONDS} away" in text
    assert f"Cut at {messages.LONGEST_REASON} letters" in text


def test_the_page_names_every_type_code_and_setting() -> None:
    wanted = [*(call.value for call in Call), *(kind.value for kind in Kind)]
    wanted += WarehouseProblem.Cause.values
    assert [word for word in wanted if f"`{word}`" not in PAGE] == []


def test_the_shop_s_own_states_are_those_of_the_protocol() -> None:
    assert set(WarehouseOrder.Standing.values) - {"asked"} == {
        standing.value for standing in Standing
    }
