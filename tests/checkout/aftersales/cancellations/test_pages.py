"""The pages on which a customer asks to cancel, and staff decide."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.dispatch import ship
from checkout.payments.fake.gateway import VOUCHER, FakeGateway
from checkout.payments.refunds_and_disputes import RefundStatus
from orders.models import Cancellation, Order, Refund
from saga.engine import run
from saga.models import Saga, State
from tests.saga.tables import dump
from tests.support.ordering import place
from tests.support.refunding import MUG, make_charged_order, refunded_total
from tests.support.staff import make_staff

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

WORKLIST = "asks to cancel an order"


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway) -> None:
    """Use the fake provider in every test."""


def order_page(order: Order) -> str:
    return reverse("checkout:order", args=[order.uid])


def cancel_page(order: Order) -> str:
    return reverse("checkout:order_cancel", args=[order.uid])


def decision_page(order: Order) -> str:
    return reverse("admin:orders_order_cancel", args=[order.pk])


def text_of(client: Client, url: str) -> str:
    page = client.get(url, follow=True).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def signed_in(*more: str) -> Client:
    """Return a member of staff who decides, with further permissions."""
    client = Client()
    user = make_staff("view_order", "decide_cancellation", *more)
    client.force_login(user)
    return client


def run_cancellation(order: Order) -> Saga:
    saga = Saga.objects.get(definition=CANCELLATION.name, reference=order.number)
    run(saga.pk)
    saga.refresh_from_db()
    return saga


def test_a_customer_asks_and_reads_what_became_of_it(client: Client) -> None:
    order = make_charged_order()
    assert cancel_page(order) in client.get(order_page(order)).content.decode()
    assert "We pack your items" in text_of(client, order_page(order))
    page = text_of(client, cancel_page(order))
    assert "we refund ¥4,200" in page

    sent = {"uid": uuid.uuid4(), "reason": "ordered twice"}
    for _press in range(2):
        answer = client.post(cancel_page(order), sent)
        assert (answer.status_code, answer["Location"]) == (303, order_page(order))

    page = text_of(client, order_page(order))
    assert "You asked us to cancel this order" in page
    assert "We pack your items" not in page
    assert Cancellation.objects.get().reason == "ordered twice"


def test_text_from_outside_fits_into_the_database(client: Client) -> None:
    order = make_charged_order()
    long = {"uid": uuid.uuid4(), "reason": "x" * 301}

    assert client.post(cancel_page(order), long).status_code == 422
    broken = {"uid": uuid.uuid4(), "reason": "a\0b"}
    assert client.post(cancel_page(order), broken).status_code == 400
    assert not Cancellation.objects.exists()
    odd = {"uid": uuid.uuid4(), "reason": "\N{ZERO WIDTH SPACE}" + "あ" * 300}

    assert client.post(cancel_page(order), odd).status_code == 303
    assert Cancellation.objects.get().reason == "あ" * 300


@pytest.mark.parametrize("uid", ["", "no-uid", "0"])
def test_a_broken_form_changes_nothing(client: Client, uid: str) -> None:
    order = make_charged_order()
    before = dump()

    assert client.post(cancel_page(order), {"uid": uid}).status_code == 422

    assert dump() == before


def test_an_order_that_left_has_no_form(client: Client) -> None:
    order = make_charged_order()
    ship(order, carrier="yamato", tracking_number="1", actor="ken")

    assert cancel_page(order) not in client.get(order_page(order)).content.decode()
    assert client.get(cancel_page(order)).status_code == 303
    answer = client.post(cancel_page(order), {"uid": uuid.uuid4()}, follow=True)
    assert "cannot be cancelled here now" in answer.content.decode()
    assert not Cancellation.objects.exists()


def test_an_unpaid_order_says_that_it_is_cancelled_at_once(
    client: Client, settings: Settings
) -> None:
    settings.PAYMENT_METHODS = ["card", "konbini"]
    order, saga = place(units=MUG, token=VOUCHER)
    run(saga.pk)
    assert "Nothing is charged" in text_of(client, cancel_page(order))

    client.post(cancel_page(order), {"uid": uuid.uuid4()})
    assert "Your order is being cancelled" in text_of(client, order_page(order))
    run(saga.pk)

    page = text_of(client, order_page(order))
    assert "You asked us to cancel it. Nothing was charged." in page


def test_staff_accept_and_the_customer_has_the_money(
    client: Client, gateway: FakeGateway
) -> None:
    order = make_charged_order()
    client.post(cancel_page(order), {"uid": uuid.uuid4(), "reason": "too late"})
    clerk = signed_in("refund")
    assert f"1 customer {WORKLIST}" in text_of(clerk, reverse("admin:index"))
    assert (
        decision_page(order)
        in clerk.get(
            reverse("admin:orders_order_change", args=[order.pk])
        ).content.decode()
    )
    page = text_of(clerk, decision_page(order))
    assert "too late" in page
    for effect in (
        "Will not send the parcel.",
        "Will put 2 x MUG-01 back into stock.",
        "Will refund ¥4,200, to the card",
        "Will send one mail to hanako@example.com.",
    ):
        assert effect in page

    sent = {"uid": uuid.uuid4(), "shown": 4200, "reason": ""}
    for _press in range(2):
        assert clerk.post(decision_page(order), sent).status_code == 302
    saga = run_cancellation(order)

    assert saga.state == State.DONE
    assert refunded_total(gateway) == 4200
    assert Refund.objects.get().actor == "yuki"
    page = text_of(client, order_page(order))
    assert "Nothing is sent, and your money was given back." in page
    assert "You asked us to cancel it." in page
    page = text_of(clerk, reverse("admin:orders_order_change", args=[order.pk]))
    assert "Stop the shipment done" in page
    assert WORKLIST not in text_of(clerk, reverse("admin:index"))


def test_without_the_permission_to_refund_nobody_accepts_a_charged_one(
    client: Client, gateway: FakeGateway
) -> None:
    order = make_charged_order()
    client.post(cancel_page(order), {"uid": uuid.uuid4()})
    clerk = signed_in()
    before = dump()

    assert "You may not refund" in text_of(clerk, decision_page(order))
    sent = {"uid": uuid.uuid4(), "shown": 4200, "reason": ""}
    assert clerk.post(decision_page(order), sent).status_code == 403

    assert dump() == before


def test_only_who_decides_sees_the_page(client: Client) -> None:
    order = make_charged_order()
    client.force_login(make_staff("view_order", "refund"))

    assert client.get(decision_page(order)).status_code == 403


def test_staff_decline_with_words(client: Client) -> None:
    order = make_charged_order()
    client.post(cancel_page(order), {"uid": uuid.uuid4()})
    clerk = signed_in()

    assert clerk.post(decision_page(order), {"decline": "1"}).status_code == 422
    sent = {"decline": "1", "answer": "It is made for you."}
    for _press in range(2):
        assert clerk.post(decision_page(order), sent).status_code == 302

    page = text_of(client, order_page(order))
    assert "It is made for you." in page
    assert "We pack your items" in page
    assert Cancellation.objects.get().status == Cancellation.Status.DECLINED


def test_staff_cancel_after_a_call_with_a_reason(gateway: FakeGateway) -> None:
    order = make_charged_order()
    clerk = signed_in("refund")
    sent = {"uid": uuid.uuid4(), "shown": 4200, "reason": ""}
    assert clerk.post(decision_page(order), sent).status_code == 422

    for _press in range(2):
        clerk.post(decision_page(order), sent | {"reason": "they called"})
    run_cancellation(order)

    assert refunded_total(gateway) == 4200
    assert Cancellation.objects.get().note == "they called"


def test_another_amount_than_shown_is_refused(gateway: FakeGateway) -> None:
    order = make_charged_order()
    clerk = signed_in("refund")
    sent = {"uid": uuid.uuid4(), "shown": 4100, "reason": "they called"}
    before = dump()

    answer = clerk.post(decision_page(order), sent, follow=True)

    assert "since you opened the page" in answer.content.decode()
    assert dump() == before


def test_a_stopped_cancellation_is_stalled_and_resumed_on_its_page(
    client: Client, gateway: FakeGateway
) -> None:
    order = make_charged_order()
    client.post(cancel_page(order), {"uid": uuid.uuid4()})
    clerk = signed_in("refund", "view_stalledorder", "resume_stalledorder")
    gateway.next_refund = RefundStatus.FAILED
    clerk.post(decision_page(order), {"uid": uuid.uuid4(), "shown": 4200})
    assert run_cancellation(order).state == State.FAILED

    page = reverse("admin:backoffice_stalledorder_change", args=[order.pk])
    stalled = text_of(clerk, reverse("admin:backoffice_stalledorder_changelist"))
    assert order.number in stalled
    assert "its money was not given back" in text_of(clerk, page)
    assert "Refund the charge stopped here" in text_of(clerk, page)
    question = f"{reverse('admin:backoffice_stalledorder_resume')}?order={order.pk}"
    assert "its money was not given back" in text_of(clerk, question)
