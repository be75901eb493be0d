"""saga_resume: failure groups, canaries, inputs, dry runs."""

import io
import sys

import pytest
from django.core import mail

from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Order
from saga.engine import run
from saga.models import Saga, State
from tests.conftest import Clock
from tests.saga.tables import dump
from tests.support.commands import (
    call,
    call_json,
    refused,
    stop_at,
    stopped_at_payment,
    working,
)
from tests.support.ordering import place

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(gateway: FakeGateway, clock: Clock) -> list[Order]:
    """Create three orders that stopped at the same step with the same error."""
    return [stopped_at_payment(gateway, f"MUG-{n}") for n in range(3)]


def group() -> str:
    (found,) = call_json("saga_list", "--failure-groups")
    return str(found["id"])


def test_orders_that_stopped_alike_are_one_group(three: list[Order]) -> None:
    (found,) = call_json("saga_list", "--failure-groups")

    assert (found["step"], found["count"]) == ("authorize_payment", 3)
    assert found["signature"].endswith("refuses the request: parameter unknown")
    assert found["references"] == [order.number for order in three]
    assert found["id"] in call("saga_list", "--failure-groups")
    rows = call_json("saga_list", "--state", "failed")
    assert {row["failure_group"] for row in rows} == {found["id"]}


def test_a_failure_group_follows_its_canary(
    three: list[Order], gateway: FakeGateway
) -> None:
    rows = call_json(
        "saga_resume", "--failure-group", group(), "--yes", sleep=working()
    )

    assert [row["outcome"] for row in rows] == ["done"] * 3
    assert [row["state"] for row in rows] == ["done", "running", "running"]


def test_a_canary_that_fails_again_stops_all(
    three: list[Order], gateway: FakeGateway
) -> None:
    gateway.fail("create", provider.Refused("parameter unknown"))

    code, message, printed = refused(
        "saga_resume", "--failure-group", group(), "--yes", sleep=working()
    )

    assert code == 3
    assert f"Stopped: {three[0].number} failed again" in message
    assert "2 left as they were" in message
    assert printed == "Resumed: 1 of 3.\n"
    assert Saga.objects.filter(attempts__outcome="resumed").count() == 1


def test_a_canary_that_takes_too_long_stops_all(three: list[Order]) -> None:
    code, message, _printed = refused(
        "saga_resume",
        "--failure-group",
        group(),
        "--yes",
        "--patience",
        "2",
        sleep=lambda _seconds: None,
    )

    assert code == 4
    assert "2 left as they were" in message
    assert Saga.objects.failed().count() == 2


def test_a_group_keeps_its_pace(three: list[Order], gateway: FakeGateway) -> None:
    pauses: list[float] = []

    call("saga_resume", "--failed-step", "authorize_payment", "--yes", "--pace", "4/s",
         sleep=pauses.append)  # fmt: skip

    assert pauses == [0.25, 0.25]
    assert Saga.objects.failed().count() == 0


def test_a_repeat_stops_the_rest_without_a_canary(
    three: list[Order], gateway: FakeGateway
) -> None:
    gateway.fail("create", provider.Refused("parameter unknown"))

    code, _message, _printed = refused(
        "saga_resume", "--failed-step", "authorize_payment", "--yes", "--pace", "4/s",
        sleep=working(),
    )  # fmt: skip

    assert code == 3
    assert Saga.objects.filter(attempts__outcome="resumed").count() == 1


def test_another_failure_of_the_rest_is_no_repeat(
    three: list[Order], gateway: FakeGateway
) -> None:
    gateway.fail("create", provider.Refused("something else"))

    call("saga_resume", "--failed-step", "authorize_payment", "--yes", "--pace", "4/s",
         sleep=working())  # fmt: skip

    assert Saga.objects.filter(attempts__outcome="resumed").count() == 3


def test_a_failure_group_that_is_gone_is_refused(gateway: FakeGateway) -> None:
    code, message, _printed = refused("saga_resume", "--failure-group", "0000")

    assert (code, "any more" in message) == (1, True)


def test_several_orders_without_yes_are_refused_where_nobody_can_be_asked(
    three: list[Order],
) -> None:
    before = dump()

    code, message, printed = refused(
        "saga_resume", *[order.number for order in three], "--json"
    )

    assert (code, printed) == (2, "")
    assert "3 orders: add --yes" in message
    assert dump() == before


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "resumed"), [("y\n", 3), ("n\n", 0), ("\n", 0)])
def test_on_a_terminal_several_orders_are_asked_about(
    three: list[Order], monkeypatch: pytest.MonkeyPatch, answer: str, resumed: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    err = Terminal()
    words = ("saga_resume", *[order.number for order in three])

    if resumed:
        call(*words, stderr=err)
        assert "] 3/3" in err.getvalue()
    else:
        assert refused(*words, stderr=err)[:2] == (1, "Nothing was done.")

    assert "Resumed 3 orders? [y/N]" in err.getvalue()
    assert Saga.objects.filter(attempts__outcome="resumed").count() == resumed


def test_a_dry_run_says_what_would_happen_and_writes_nothing(
    three: list[Order],
) -> None:
    before = dump()

    (row,) = call_json("saga_resume", three[0].number, "--dry-run")

    assert (row["order"], row["act"], row["then"]) == (
        three[0].number,
        "resume",
        "running",
    )
    assert row["steps"][0] == "authorize_payment"
    assert row["effects"][0].startswith("Will charge")
    assert dump() == before
    text = call("saga_resume", *[order.number for order in three], "--dry-run")
    assert text.count("Will charge") == 3
    assert dump() == before


def test_a_dry_run_names_what_would_be_refused(
    three: list[Order], gateway: FakeGateway
) -> None:
    call("saga_resume", three[0].number)

    code, message, _printed = refused("saga_resume", three[0].number, "--dry-run")

    assert code == 1
    assert f"Would be refused: {three[0].number} is running, not failed" in message


def test_the_mail_goes_to_the_address_that_staff_give(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place()
    stop_at(saga, "send_confirmation")
    order.events.filter(name="confirmation_sent").delete()
    mail.outbox.clear()

    (row,) = call_json(
        "saga_resume", order.number, "--dry-run", "--input", "email=new@example.com"
    )
    assert row["input"]["email"] == {"old": order.email, "new": "new@example.com"}
    assert "Will send one mail to new@example.com." in row["effects"]
    call("saga_resume", order.number, "--input", "email=new@example.com")
    run(saga.pk)

    assert [message.to for message in mail.outbox] == [["new@example.com"]]
    assert Saga.objects.main_paths().get().state == State.DONE
    order.refresh_from_db()
    assert order.email != "new@example.com"
    shown = call_json("saga_show", order.number)
    (edited,) = [row for row in shown["attempts"] if row["outcome"] == "edited"]
    assert edited["input"]["email"]["new"] == "new@example.com"
    line = f"email: {order.email} -> new@example.com"
    assert line in call("saga_show", order.number)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("email=nobody", "'nobody' is no mail address"),
        ("colour=red", "no such input from send_confirmation on; there is: email"),
    ],
)
def test_an_input_that_is_no_good_is_refused(
    gateway: FakeGateway, clock: Clock, typed: str, why: str
) -> None:
    order, saga = place()
    stop_at(saga, "send_confirmation")
    before = dump()

    code, message, _printed = refused("saga_resume", order.number, "--input", typed)

    assert code == 1
    assert why in message
    assert dump() == before


@pytest.mark.parametrize(
    "words",
    [
        ("--input", "email"),
        ("--pace", "fast"),
        ("--pace", "0"),
        ("--canary", "few"),
        ("--failure-group", "abc"),
        ("--reason", "x" * 301),
    ],
)
def test_wrong_arguments_are_refused(
    words: tuple[str, ...], gateway: FakeGateway
) -> None:
    order = stopped_at_payment(gateway)
    before = dump()

    code, _message, printed = refused("saga_resume", order.number, *words)

    assert printed == ""
    assert code in (1, 2)
    assert dump() == before
