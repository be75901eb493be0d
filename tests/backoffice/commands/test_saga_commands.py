"""The saga commands for people and, with --json, for scripts."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.status.sagas import saga_of
from orders.models import Order
from saga.engine import run
from saga.models import Saga, State
from tests.conftest import Clock
from tests.support.catalogue import make_product
from tests.support.ordering import advance, place

pytestmark = pytest.mark.django_db


def call(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def call_json(*words: str) -> Any:
    """Run with --json and return the only document that was printed."""
    return json.loads(call(*words, "--json"))


def refused(*words: str) -> tuple[int, str, str]:
    """Return exit code, message and what was printed."""
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(*words, stdout=out)
    return refusal.value.returncode, str(refusal.value), out.getvalue()


@pytest.fixture
def stopped(gateway: FakeGateway, clock: Clock) -> Order:
    """Return an order that stopped at the payment."""
    gateway.fail("create", provider.Refused("parameter unknown"))
    order, saga = place(units={"MUG-01": 1})
    run(saga.pk)
    return order


@pytest.fixture
def done(stopped: Order) -> Order:
    """Return an order that was completed after the other one stopped."""
    order, saga = place(units={"CAP-01": 1})
    run(saga.pk)
    return order


def test_the_list_names_stopped_orders_first(stopped: Order, done: Order) -> None:
    first, second = call_json("saga_list")

    assert (first["order"], first["state"]) == (stopped.number, "failed")
    assert (first["step"], first["attempt"]) == ("authorize_payment", 1)
    assert "parameter unknown" in first["error"]
    assert (second["order"], second["state"], second["error"]) == (
        done.number,
        "done",
        "",
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--state", "failed"), ["failed"]),
        (("--state", "done"), ["done"]),
        (("--step", "authorize_payment"), ["failed"]),
        (("--step", "reserve_stock"), []),
        (("--limit", "1"), ["failed"]),
    ],
)
def test_the_list_can_be_narrowed(
    stopped: Order, done: Order, words: tuple[str, ...], expected: list[str]
) -> None:
    rows = call_json("saga_list", *words)

    assert [row["state"] for row in rows] == expected


def test_the_list_for_people_is_a_line_an_order(stopped: Order, done: Order) -> None:
    lines = call("saga_list").splitlines()

    assert [line.split()[0] for line in lines] == [stopped.number, done.number]
    assert "try 1" in lines[0]
    assert "try" not in lines[1]
    assert call("saga_list", "--state", "waiting") == "No saga matches.\n"


def test_one_order_is_shown_with_payment_steps_and_history(done: Order) -> None:
    shown = call_json("saga_show", done.number)

    assert (shown["order"], shown["state"]) == (done.number, "done")
    assert shown["payment"] == {
        "status": "captured",
        "intent": "pi_1",
        "amount": done.total_minor,
        "currency": "JPY",
    }
    assert [(row["step"], row["outcome"]) for row in shown["attempts"]] == [
        (step, "ok") for step in shown["steps"]
    ]
    assert shown["next"] == "nothing, it has ended"
    assert shown["money"].startswith("Charged: ¥")
    assert f"money: {shown['money']}\n" in call("saga_show", done.number)


def test_what_is_shown_to_people_says_what_comes_next(stopped: Order) -> None:
    text = call("saga_show", stopped.number)

    assert f"{stopped.number}: failed at authorize_payment" in text
    assert f"until staff run saga_resume {stopped.number}" in text


def test_an_unknown_order_is_an_error() -> None:
    code, message, printed = refused("saga_show", "NOBODY", "--json")

    assert (code, printed) == (1, "")
    assert "no such order: NOBODY" in message


def test_a_stopped_order_is_resumed(
    stopped: Order, gateway: FakeGateway, clock: Clock
) -> None:
    (row,) = call_json("saga_resume", stopped.number, "--reason", "fixed")
    assert (row["order"], row["state"], row["attempt"]) == (
        stopped.number,
        "running",
        0,
    )

    saga = advance(Saga.objects.main_paths().get(), clock)

    assert saga.state == State.DONE
    assert saga.attempts.get(outcome="resumed").note == "fixed"


def test_resuming_again_is_said_and_changes_nothing(stopped: Order) -> None:
    call("saga_resume", stopped.number)
    fence = Saga.objects.main_paths().get().fence

    code, message, printed = refused("saga_resume", stopped.number, "--json")

    assert code == 1
    assert f"{stopped.number} is running, not failed" in message
    assert [row["state"] for row in json.loads(printed)] == ["running"]
    assert Saga.objects.main_paths().get().fence == fence


def test_all_orders_that_stopped_at_a_step_are_resumed(
    stopped: Order, done: Order
) -> None:
    assert call("saga_resume", "--failed-step", "capture_payment") == (
        "Resumed: 0 of 0.\n"
    )
    assert call("saga_resume", "--failed-step", "authorize_payment") == (
        "Resumed: 1 of 1.\n"
    )

    assert saga_of(stopped).state == State.RUNNING
    assert saga_of(done).state == State.DONE


@pytest.mark.parametrize(
    "words", [(), ("NUMBER", "--failed-step", "fulfil_order")], ids=["neither", "both"]
)
def test_resuming_wants_orders_or_a_step(words: tuple[str, ...]) -> None:
    code, message, _printed = refused("saga_resume", *words)

    assert code == 2
    assert "one of the three" in message


@pytest.mark.django_db(transaction=True)
def test_the_sweeper_can_look_once(gateway: FakeGateway, clock: Clock) -> None:
    place()
    clock.shift(6)

    assert call_json("sweeper", "--once")["relaunched"] == 1
    assert "relaunched: 0" in call("sweeper", "--once")


def test_demo_orders_go_the_way_of_all_orders(
    gateway: FakeGateway, clock: Clock
) -> None:
    make_product(pictures=0)

    rows = call_json("place_demo_orders", "3", "--card", "pm_card_jcb")

    orders = {order.number: order for order in Order.objects.all()}
    assert [row["order"] for row in rows] == sorted(orders, key=lambda n: orders[n].pk)
    assert set(Order.objects.values_list("payment__attempts__token", flat=True)) == {
        "pm_card_jcb"
    }
    for saga in Saga.objects.all():
        run(saga.pk)
    assert set(Saga.objects.values_list("state", flat=True)) == {State.DONE}


def test_demo_orders_without_stock_say_so() -> None:
    code, message, printed = refused("place_demo_orders", "1")

    assert (code, printed) == (1, "")
    assert "nothing is in stock" in message
    assert not Order.objects.exists()


def test_demo_orders_want_a_number() -> None:
    assert refused("place_demo_orders", "0")[0] == 2
