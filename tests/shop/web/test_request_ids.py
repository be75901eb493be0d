"""A request's id: made here or by the proxy, answered, and sent along with messages."""

import re
from typing import Any

import pytest
from celery import current_app, shared_task
from celery.app.trace import build_tracer
from django.test import Client
from pytest_django.fixtures import Settings

from saga.engine import run
from saga.models import Saga, State
from shop.celery import name_request
from shop.logs.context import bound, current_request_id, fields, read_request_id
from tests.shop.logs.capture import written
from tests.support.shopping import (
    CONFIRMATION,
    RECIPIENT,
    fill_and_inform,
    purchase_form,
)

GIVEN = "4bf92f3577b34da6a3ce929d0e0e4736"
OTHER = "c" * 32


def id_of(client: Client, **headers: str) -> str:
    answer = client.get("/livez-not-there/", headers=headers)
    return answer.headers["X-Request-ID"]


@pytest.mark.django_db
def test_each_request_gets_an_id_and_visitors_cannot_choose_it(client: Client) -> None:
    one, two = id_of(client), id_of(client, **{"X-Request-ID": GIVEN})
    assert re.fullmatch("[0-9a-f]{32}", one)
    assert len({one, two, GIVEN}) == 3


@pytest.mark.django_db
def test_behind_a_proxy_its_id_is_taken(client: Client, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    assert id_of(client, **{"X-Request-ID": GIVEN}) == GIVEN
    assert id_of(client, **{"X-Request-ID": "x" * 32}) != "x" * 32
    assert id_of(client) != ""


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (GIVEN, GIVEN),
        (GIVEN.upper(), GIVEN),
        ("4bf92f35-77b3-4da6-a3ce-929d0e0e4736", GIVEN),
        ("0" * 32, ""),
        (GIVEN[:-1], ""),
        (f"{GIVEN}\n{GIVEN}", ""),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_only_ids_are_read_as_ids(text: object, read: str) -> None:
    assert read_request_id(text) == read


def test_a_message_carries_the_id_to_its_task_and_to_what_that_sends() -> None:
    seen: list[Any] = []

    @shared_task(name="tests.seen")
    def look() -> None:
        seen.append(dict(fields()))
        headers: dict[str, Any] = {}
        name_request(headers=headers)
        seen.append(headers)

    headers: dict[str, Any] = {}
    with bound(request_id=GIVEN):
        name_request(headers=headers)
    tracer = build_tracer(
        "tests.seen", current_app.tasks["tests.seen"], app=current_app
    )
    tracer("uuid", [], {}, headers)

    assert seen == [{"request_id": GIVEN}, {"request_id": GIVEN}]
    assert current_request_id() == ""
    current_app.tasks.unregister("tests.seen")


def test_what_is_published_has_the_header() -> None:
    name = "tests.header"
    with bound(request_id=GIVEN):
        current_app.send_task("tests.nothing", queue=name)
    with current_app.connection() as connection:
        queue: Any = connection.SimpleQueue(name)
        message = queue.get_nowait()
    assert message.headers["request_id"] == GIVEN


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("gateway", "mug")
def test_a_purchase_is_found_by_one_id_and_tells_no_person(
    client: Client,
) -> None:
    with written() as out:
        fill_and_inform(client, {"MUG-01": 1})
        form = purchase_form(client)
        answer = client.post(CONFIRMATION, form)
        request_id = answer.headers["X-Request-ID"]
        saga = Saga.objects.get()
        with bound(request_id=OTHER):
            run(saga.pk)

    saga.refresh_from_db()
    assert saga.state == State.DONE
    assert saga.request_id == request_id
    lines = [line for line in out.lines() if line.get("reference") == saga.reference]
    steps = [line["step"] for line in lines if line.get("outcome") == "ok"]
    assert steps[0] == "reserve_stock"
    assert {"authorize_payment", "capture_payment", "fulfil_order"} <= set(steps)
    assert {line["request_id"] for line in lines} == {request_id}
    assert {line.get("cause") for line in lines if "outcome" in line} == {OTHER}
    text = out.getvalue()
    told = [value for value in RECIPIENT.values() if len(value) > 4 and value in text]
    assert told == []
    assert form["confirmation_token"] not in text
