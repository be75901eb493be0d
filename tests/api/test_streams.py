"""Subscriptions: a message for each change, resumed where the line was lost."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from api.streams import Subscribed, changed
from inventory.services import adjust
from orders.models import Order
from shop.catalogue.models import Product
from shop.web.event_streams import Event, StreamResponse
from tests.support.api import ADDRESS, faults, send
from tests.support.keeper import Keeper, keeping
from tests.support.shopping import complete, make_order, wait_for_card

STREAM = f"{ADDRESS}stream/"
STATUS = """subscription ($uid: UUID!, $after: Int! = 0) {
  answer: orderStatus(uid: $uid, after: $after) {
    sequence steps { sequence happening } progress { outcome isFinal } } }"""
STOCK = 'subscription { answer: productStock(sku: "MUG-01") { sku free } }'


@pytest.fixture
def order(mug: Product) -> Order:
    return make_order({"MUG-01": 2})


def subscribe(
    client: Client, query: str, keeper: Keeper | None = None, **variables: Any
) -> Any:
    body = {"query": query, "variables": variables}
    options: Any = keeping(keeper)
    return client.post(STREAM, body, content_type="application/json", **options)


def opened(answer: Any) -> tuple[list[Any], Subscribed]:
    """Return the messages of a stream's beginning, and who is subscribed."""
    assert isinstance(answer, StreamResponse)
    assert isinstance(answer.subscriber, Subscribed)
    return messages(b"".join(answer).decode()), answer.subscriber


def messages(text: str) -> list[Any]:
    """Return what each message says; None for the end."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(":", 1) for line in block.splitlines() if ":" in line)
        if lines.get("event") == " next":
            found.append(json.loads(lines["data"])["data"]["answer"])
        elif lines.get("event") == " complete":
            found.append(None)
    return found


def news(subscribers: Sequence[Subscribed]) -> list[Event]:
    """Return the events of those of whom the feed says that they have news."""
    return [each.event() for each in changed(subscribers)]


@pytest.mark.both_databases
def test_each_change_of_an_order_is_told_once_until_its_end(
    client: Client, order: Order
) -> None:
    first, subscribed = opened(subscribe(client, STATUS, uid=str(order.uid)))
    assert [each["happening"] for each in first[0]["steps"]] == ["ORDER_PLACED"]
    assert first[0]["progress"] == {"outcome": "WORKING", "isFinal": False}
    assert news([subscribed]) == []

    wait_for_card(order)
    (event,) = news([subscribed])
    (told,) = messages(event.text)
    assert [each["happening"] for each in told["steps"]] == ["PAYMENT_DECLINED"]
    assert told["progress"]["outcome"] == "NEEDS_CARD"
    assert not event.is_last

    complete(order)
    (event,) = news([subscribed])
    told, end = messages(event.text)
    assert told["progress"] == {"outcome": "DONE", "isFinal": True}
    assert (end, event.is_last) == (None, True)


def test_a_lost_line_is_resumed_after_the_last_message(
    client: Client, order: Order
) -> None:
    first, _subscribed = opened(subscribe(client, STATUS, uid=str(order.uid)))
    seen = first[0]["sequence"]
    wait_for_card(order)

    by_argument, _one = opened(
        subscribe(client, STATUS, uid=str(order.uid), after=seen)
    )
    body = {"query": STATUS, "variables": {"uid": str(order.uid)}}
    by_header, _two = opened(
        client.post(
            STREAM,
            body,
            content_type="application/json",
            headers={"Last-Event-ID": str(seen)},
            **keeping(),
        )
    )

    for told in (by_argument, by_header):
        assert [each["happening"] for each in told[0]["steps"]] == ["PAYMENT_DECLINED"]
        assert told[0]["sequence"] > seen


def test_stock_is_told_when_another_number_can_be_bought(
    client: Client, mug: Product
) -> None:
    first, subscribed = opened(subscribe(client, STOCK))
    adjust("MUG-01", -3, "count", "broken", "yuki")
    (event,) = news([subscribed])
    assert first == [{"sku": "MUG-01", "free": 10}]
    assert messages(event.text) == [{"sku": "MUG-01", "free": 7}]
    assert news([subscribed]) == []


def test_what_is_not_there_completes_at_once(client: Client, db: None) -> None:
    uid = "00000000-0000-4000-8000-000000000000"
    for answer in (subscribe(client, STATUS, uid=uid), subscribe(client, STOCK)):
        assert messages(b"".join(answer).decode()) == [None, None]
        assert answer.subscriber is None


def test_an_order_that_ended_is_told_and_completes(
    client: Client, order: Order
) -> None:
    complete(order)
    answer = subscribe(client, STATUS, uid=str(order.uid))
    told, end = messages(b"".join(answer).decode())
    assert (told["progress"]["outcome"], end) == ("DONE", None)


def test_many_open_subscriptions_cost_as_many_statements_as_one(
    client: Client, order: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    orders = [order, make_order({"MUG-01": 1})]
    open_ones = [
        opened(subscribe(client, STATUS, uid=str(each.uid)))[1] for each in orders
    ] + [opened(subscribe(client, STOCK))[1]]
    for some in (open_ones[:1], open_ones[:2]):
        with django_assert_num_queries(2):
            assert list(changed(some)) == []
    with django_assert_num_queries(3):
        assert list(changed(open_ones)) == []


def test_each_kind_of_document_has_its_address(client: Client, order: Order) -> None:
    asked = subscribe(client, "{ shop { name } }")
    subscribed = send(client, STATUS, uid=str(order.uid))
    keeper = Keeper(has_room=False)
    full = subscribe(client, STATUS, keeper, uid=str(order.uid))
    assert keeper.clients == ["127.0.0.1"]
    assert (asked.status_code, faults(asked)) == (400, ["SUBSCRIPTION"])
    assert (subscribed.status_code, faults(subscribed)) == (400, ["SUBSCRIPTION"])
    assert (full.status_code, faults(full)) == (503, ["NO_STREAM"])
    assert full["Retry-After"] == "2"
