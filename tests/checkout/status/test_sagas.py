"""One order with several sagas: pages show one order and act on the right saga."""

import pytest

from checkout.payments.fake.gateway import FakeGateway
from checkout.status.progress import progress_of
from checkout.status.sagas import sagas_of_orders
from inventory.services import release, reserve
from orders.models import Order
from saga.engine import run
from saga.errors import ManualIntervention
from saga.models import Saga, State
from tests.conftest import Clock
from tests.support.commands import call, call_json, refused, stop_at
from tests.support.invariants import assert_invariants
from tests.support.ordering import place

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def mail_stopped() -> Order:
    order, saga = place()
    stop_at(saga, "send_confirmation")
    return order


def both_stopped(gateway: FakeGateway) -> Order:
    """Return an order whose goods are gone and whose mail stopped."""
    order, saga = place()

    def lose_them() -> None:
        release(order.number)
        reserve("SOMEBODY", {"MUG-01": 10}, None)

    gateway.meanwhile("capture", lose_them)
    run(saga.pk, link="checkout.reserve_stock")
    run(saga.pk, link="checkout.take_payment")
    now = saga.created_at
    Saga.objects.filter(branch="mail").update(
        state=State.FAILED,
        failed_at=now,
        alert_wanted_at=now,
        error="no such address",
        error_class=ManualIntervention.__name__,
    )
    return order


def test_the_list_shows_an_order_once_with_its_worst_state(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = mail_stopped()
    done, saga = place(units={"CAP-01": 1})
    run(saga.pk)

    rows = call_json("saga_list")

    assert [(row["order"], row["state"], row["step"]) for row in rows] == [
        (order.number, "failed", "send_confirmation"),
        (done.number, "done", "fulfil_order"),
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--state", "failed"), True),
        (("--step", "send_confirmation"), True),
        (("--error", "look at"), True),
        (("--state", "done"), False),
        (("--error", "nobody"), False),
    ],
)
def test_an_order_is_found_by_any_of_its_sagas(
    gateway: FakeGateway, clock: Clock, words: tuple[str, ...], found: bool
) -> None:
    order = mail_stopped()

    rows = call_json("saga_list", *words)

    assert [row["order"] for row in rows] == ([order.number] if found else [])


def test_an_order_is_shown_with_all_its_sagas(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = mail_stopped()

    shown = call_json("saga_show", order.number)
    text = call("saga_show", order.number)

    assert (shown["state"], shown["step"]) == ("failed", "send_confirmation")
    assert [(row["branch"], row["state"]) for row in shown["branches"]] == [
        ("", "joining"),
        ("mail", "failed"),
    ]
    assert [row["step"] for row in shown["attempts"]] == shown["steps"]
    assert "main path: joining at fulfil_order" in text
    assert "mail:  failed at send_confirmation" in text


def test_resuming_an_order_resumes_all_of_it_that_stopped(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = both_stopped(gateway)
    assert progress_of(order).outcome == "on_hold"
    assert len(sagas_of_orders([order.number])[order.number].failed) == 2
    release("SOMEBODY")

    rows = call_json("saga_resume", order.number, "--yes")
    run(Saga.objects.main_paths().get().pk)

    assert [(row["branch"], row["outcome"]) for row in rows] == [
        ("", "done"),
        ("mail", "done"),
    ]
    assert set(Saga.objects.values_list("state", flat=True)) == {State.DONE}
    assert_invariants(ended=True)


def test_a_charged_order_cannot_be_cancelled_because_its_mail_failed(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = mail_stopped()

    code, message, _printed = refused("saga_cancel", order.number)

    assert (code, "past the point of no return" in message) == (1, True)


def test_goods_that_are_gone_keep_no_mail(gateway: FakeGateway, clock: Clock) -> None:
    order = both_stopped(gateway)
    call("saga_resume", order.number, "--yes")

    run(Saga.objects.get(branch="mail").pk)

    assert order.events.filter(name="confirmation_sent").exists()
    assert Saga.objects.main_paths().get().step == "fulfil_order"
