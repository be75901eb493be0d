"""Pages and commands that release orders for shipping and mark them as shipped."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from backoffice.roles import GROUPS
from checkout.aftersales.refunds.services import settle
from checkout.mail.models import OrderMail
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Order, Parcel, Payment, Shipment
from saga.engine import run
from saga.models import Saga, State
from tests.backoffice.answers import text_of
from tests.support.commands import call, call_json, refused
from tests.support.ordering import counters, place
from tests.support.refunding import make_refund
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client: Client, settings: Settings, gateway: FakeGateway) -> Client:
    """Return a client who may pack and ship; the shop charges at shipment."""
    settings.CAPTURE = "shipment"
    client.force_login(make_staff("view_order", "release_order", "ship_order"))
    return client


def accepted() -> Order:
    order, saga = place(units={"MUG-01": 2})
    run(saga.pk)
    assert Saga.objects.main_paths().get().waiting_for == "shipment"
    return order


def page_of(name: str, order: Order) -> str:
    return reverse(f"admin:orders_order_{name}", args=[order.pk])


def test_the_page_of_the_order_links_what_is_due(clerk: Client) -> None:
    order = accepted()

    page = text_of(clerk.get(page_of("change", order)))
    assert page_of("release", order) in page
    assert page_of("ship", order) not in page

    clerk.post(page_of("release", order))
    run(Saga.objects.main_paths().get().pk)
    page = text_of(clerk.get(page_of("change", order)))
    assert page_of("release", order) not in page
    assert page_of("ship", order) in page


def test_releasing_says_beforehand_what_it_will_charge(clerk: Client) -> None:
    order = accepted()

    page = text_of(clerk.get(page_of("release", order)))

    assert "Will charge ¥4,200, once." in page
    assert "Will take 2 x MUG-01 from stock and confirm the order." in page
    assert Payment.objects.get().status == Payment.Status.AUTHORIZED
    order.refresh_from_db()
    assert order.ready_at is None


def test_a_double_press_releases_once(clerk: Client) -> None:
    order = accepted()

    first = text_of(clerk.post(page_of("release", order), follow=True))
    run(Saga.objects.main_paths().get().pk)
    second = text_of(clerk.post(page_of("release", order), follow=True))

    assert f"{order.number} is released: it is being charged." in first
    assert f"{order.number} was released before." in second
    assert Saga.objects.main_paths().get().state == State.DONE


def test_an_order_that_does_not_wait_is_refused(clerk: Client) -> None:
    order, _saga = place()

    page = text_of(clerk.get(page_of("release", order)))
    answer = text_of(clerk.post(page_of("release", order), follow=True))
    ship = text_of(clerk.get(page_of("ship", order)))

    assert "It does not wait for its shipment." in page
    assert "<form method" not in page.partition('id="content-main"')[2]
    assert "It does not wait for its shipment." in answer
    assert f"{order.number} cannot be shipped. It is: being processed." in ship
    order.refresh_from_db()
    assert (order.ready_at, order.status) == (None, "pending")


def test_an_order_is_marked_as_shipped(clerk: Client) -> None:
    order = accepted()
    clerk.post(page_of("release", order))
    run(Saga.objects.main_paths().get().pk)
    form = {"carrier": "yamato", "tracking_number": "1234-5678"}

    wrong = clerk.post(page_of("ship", order), form | {"tracking_number": "<b>"})
    done = text_of(clerk.post(page_of("ship", order), form, follow=True))
    again = text_of(clerk.post(page_of("ship", order), form, follow=True))

    assert wrong.status_code == 422
    assert "Only letters, digits and hyphens." in text_of(wrong)
    assert "is marked as shipped. The customer gets a mail." in done
    assert "was marked as shipped before" in again
    parcel = Parcel.objects.get()
    assert (parcel.carrier, parcel.tracking_number) == ("yamato", "1234-5678")
    assert OrderMail.objects.filter(kind="shipped").count() == 1


def test_what_cannot_be_shipped_yet_is_refused_with_its_state(clerk: Client) -> None:
    order = accepted()
    form = {"carrier": "yamato", "tracking_number": "1234-5678"}

    answer = text_of(clerk.post(page_of("ship", order), form, follow=True))

    assert f"{order.number} cannot be shipped. It is: being processed." in answer
    order.refresh_from_db()
    assert order.status == "pending"
    assert not OrderMail.objects.filter(kind="shipped").exists()


@pytest.mark.parametrize("name", ["release", "ship"])
def test_without_the_permission_nothing_leaves_the_house(
    clerk: Client, client: Client, name: str
) -> None:
    order = accepted()
    client.force_login(make_staff("view_order", name="miru"))

    assert client.get(page_of(name, order)).status_code == 403
    assert client.post(page_of(name, order)).status_code == 403
    assert page_of(name, order) not in text_of(client.get(page_of("change", order)))
    order.refresh_from_db()
    assert order.ready_at is None


def test_operators_may_do_both() -> None:
    both = {"orders.release_order", "orders.ship_order"}

    assert both <= set(GROUPS["Operator"])
    assert not both & set(GROUPS["Viewer"])


def test_the_commands_do_the_same(clerk: Client) -> None:
    order = accepted()

    foreseen = call("order_release", order.number, "--dry-run")
    code, refusal, _out = refused("order_shipped", order.number)
    released = call_json("order_release", order.number)
    run(Saga.objects.main_paths().get().pk)
    shipped = call(
        "order_shipped", order.number, "--carrier", "yamato", "--tracking", "12"
    )

    assert "Will charge ¥4,200, once." in foreseen
    assert (code, refusal) == (1, f"{order.number} is pending: it cannot be shipped")
    said = {"order": order.number, "said": "released", "refusal": ""}
    assert released == [said]
    assert shipped == f"{order.number}: shipped\n"
    assert Parcel.objects.get().tracking_number == "12"
    code, refusal, _out = refused("order_release", place(units={"A": 1})[0].number)
    assert code == 1
    assert "It does not wait for its shipment." in refusal


def test_saga_show_says_what_it_waits_for(clerk: Client) -> None:
    order = accepted()

    assert f"order_release {order.number}" in call("saga_show", order.number)


def refunded(clerk: Client) -> Order:
    """Return a complete order that waits for dispatch, all of it refunded."""
    order = accepted()
    clerk.post(page_of("release", order))
    run(Saga.objects.main_paths().get().pk)
    settle(make_refund(Order.objects.get(), 4200).pk)
    return Order.objects.get()


def test_a_refunded_parcel_is_not_shipped_but_called_off(clerk: Client) -> None:
    order = refunded(clerk)

    page = text_of(clerk.get(page_of("change", order)))
    assert page_of("ship", order) not in page
    assert page_of("call_off", order).replace("_", "-") in page
    sent = {"carrier": "yamato", "tracking_number": "1"}
    page = text_of(clerk.post(page_of("ship", order), sent, follow=True))
    assert "cannot be shipped. Nothing is left of its charge" in page
    assert Shipment.objects.get().status == Shipment.Status.REQUESTED

    page = text_of(clerk.get(page_of("call_off", order)))
    assert "Will put 2 x MUG-01 back into stock." in page
    assert clerk.post(page_of("call_off", order)).status_code == 422
    assert counters() == (8, 0)
    for _press in range(2):
        clerk.post(page_of("call_off", order), {"reason": "refunded at Stripe"})

    assert Shipment.objects.get().status == Shipment.Status.CALLED_OFF
    assert counters() == (10, 0)
    assert OrderMail.objects.filter(kind="cancelled").count() == 1
    event = order.events.get(name="shipment_called_off")
    assert event.data == {"actor": "yuki", "reason": "refunded at Stripe"}


def test_a_parcel_that_is_paid_is_not_called_off(clerk: Client) -> None:
    order = accepted()
    clerk.post(page_of("release", order))
    run(Saga.objects.main_paths().get().pk)

    page = text_of(clerk.get(page_of("call_off", order)))
    assert "is paid: ¥4,200 of the charge are left" in page
    clerk.post(page_of("call_off", order), {"reason": "no"})

    assert Shipment.objects.get().status == Shipment.Status.REQUESTED
    assert counters() == (8, 0)


def test_only_who_ships_may_call_off(clerk: Client) -> None:
    order = refunded(clerk)
    clerk.force_login(make_staff("view_order", name="miru"))

    answer = clerk.post(page_of("call_off", order), {"reason": "no"})

    assert answer.status_code == 403
    assert Shipment.objects.get().status == Shipment.Status.REQUESTED


CALL_OFF = ("order_call_off", "--reason", "refunded at Stripe")


def test_the_command_calls_a_parcel_off_as_the_page_does(clerk: Client) -> None:
    order = refunded(clerk)

    foreseen = call(*CALL_OFF, order.number, "--dry-run")
    assert "Will put 2 x MUG-01 back into stock." in foreseen
    assert Shipment.objects.get().status == Shipment.Status.REQUESTED
    assert counters() == (8, 0)
    first, second = (call_json(*CALL_OFF, order.number) for _press in range(2))

    assert first == {"order": order.number, "said": "called off"}
    assert second["said"] == "was called off before"
    assert Shipment.objects.get().status == Shipment.Status.CALLED_OFF
    assert counters() == (10, 0)
    assert OrderMail.objects.filter(kind="cancelled").count() == 1
    event = order.events.get(name="shipment_called_off")
    assert event.data["reason"] == "refunded at Stripe"


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]], ids=["act", "dry-run"])
def test_the_command_refuses_what_the_page_refuses(
    clerk: Client, dry_run: list[str]
) -> None:
    order = accepted()
    clerk.post(page_of("release", order))
    run(Saga.objects.main_paths().get().pk)
    code, refusal, _out = refused(*CALL_OFF, order.number, *dry_run)
    assert (code, refusal) == (
        1,
        f"{order.number} is paid: ¥4,200 of the charge are left",
    )

    clerk.post(page_of("ship", order), {"carrier": "yamato", "tracking_number": "1"})
    settle(make_refund(Order.objects.get(), 4200).pk)
    code, refusal, _out = refused(*CALL_OFF, order.number, *dry_run)
    assert code == 1
    assert "cannot be shipped" in refusal
    assert counters() == (8, 0)
    assert not OrderMail.objects.filter(kind="cancelled").exists()


@pytest.mark.parametrize("reason", [" ", "x" * 301])
def test_the_command_wants_a_reason_that_can_be_kept(
    clerk: Client, reason: str
) -> None:
    order = refunded(clerk)
    assert refused("order_call_off", order.number, "--reason", reason)[0] == 2
    assert Shipment.objects.get().status == Shipment.Status.REQUESTED
