"""The pages on which staff register returns, decide them, and settle what arrived."""

import re
import uuid
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from checkout.aftersales.refunds.services import settle
from checkout.aftersales.returns import services
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Order, OrderLine, Payment, Refund, Return
from orders.transitions import returns
from orders.transitions.returns import Decision
from tests.backoffice.answers import messages
from tests.saga.tables import dump
from tests.support.ordering import counters
from tests.support.refunding import refunded_total
from tests.support.returns import arrive, make_sent_order, register, wish
from tests.support.shortages import assert_books_agree, give_back
from tests.support.staff import make_staff

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

ASKS = "1 customer asks to return items"
ARRIVED = "1 return has arrived"


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway) -> None:
    """Use the fake provider in every test."""


@pytest.fixture
def clerk(db: None) -> Client:
    client = Client()
    client.force_login(make_staff("view_order", "handle_return", "refund"))
    return client


def text_of(client: Client, url: str) -> str:
    page = client.get(url).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def order_page(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def register_page(order: Order) -> str:
    return reverse("admin:orders_order_return", args=[order.pk])


def return_page(returned: Return) -> str:
    return reverse("admin:orders_return_change", args=[returned.pk])


def act_page(returned: Return, name: str) -> str:
    return reverse("admin:orders_return_act", args=[returned.pk, name])


def refund_page(returned: Return) -> str:
    page = reverse("admin:orders_order_refund", args=[returned.order_id])
    return f"{page}?return={returned.pk}"


def filled(order: Order, units: object, **more: object) -> dict[str, Any]:
    return {
        "uid": uuid.uuid4(),
        f"units_{order.lines.get().pk}": units,
        "reason": "damaged",
        "note": "the handle is off",
        **more,
    }


def values_of(form: forms.Form) -> dict[str, Any]:
    """Return what a browser sends of a form that nobody changes."""
    found = {field.html_name: field.value() for field in form}
    return {name: "" if value is None else value for name, value in found.items()}


def ask(order: Order) -> Return:
    asked, _is_new = returns.request(order, wish(order))
    return asked


def test_staff_register_a_return_from_the_orders_page_once(clerk: Client) -> None:
    order = make_sent_order()
    assert register_page(order) in clerk.get(order_page(order)).content.decode()
    assert "The stock changes when it arrives." in text_of(clerk, register_page(order))

    sent = filled(order, 2)
    answers = [clerk.post(register_page(order), sent) for _press in range(2)]

    returned = Return.objects.get()
    for answer in answers:
        assert (answer.status_code, answer["Location"]) == (302, return_page(returned))
    assert (returned.status, returned.decided_by) == (Return.Status.APPROVED, "yuki")
    assert returned.note == "the handle is off"
    page = clerk.get(order_page(order)).content.decode()
    assert "2 x MUG-01" in page
    assert register_page(order) not in page
    assert "Nothing of this order can be returned" in text_of(
        clerk, register_page(order)
    )


@pytest.mark.parametrize(
    ("units", "more"),
    [(0, {}), (3, {}), (-1, {}), (1, {"reason": "bored"}), (1, {"note": ""})],
)
def test_a_form_that_makes_no_sense_changes_nothing(
    clerk: Client, units: int, more: dict[str, str]
) -> None:
    order = make_sent_order()
    before = dump()

    answer = clerk.post(register_page(order), filled(order, units, **more))

    assert answer.status_code == 422
    assert dump() == before


def test_a_request_is_on_the_worklist_until_it_is_decided(clerk: Client) -> None:
    asked = ask(make_sent_order())
    listed = f"{reverse('admin:orders_return_changelist')}?status=requested"
    assert ASKS in text_of(clerk, reverse("admin:index"))
    assert return_page(asked) in clerk.get(listed).content.decode()
    page = clerk.get(return_page(asked)).content.decode()
    assert act_page(asked, "approve") in page
    assert act_page(asked, "refuse") in page
    assert act_page(asked, "arrived") not in page

    for _press in range(2):
        clerk.post(act_page(asked, "approve"), {"answer": "Please pack it well."})

    asked.refresh_from_db()
    assert (asked.status, asked.answer) == ("approved", "Please pack it well.")
    assert ASKS not in text_of(clerk, reverse("admin:index"))


def test_a_refusal_needs_words(clerk: Client) -> None:
    asked = ask(make_sent_order())
    page = act_page(asked, "refuse")
    assert clerk.post(page, {"answer": " "}).status_code == 422

    clerk.post(page, {"answer": "It was worn."})

    asked.refresh_from_db()
    assert (asked.status, asked.answer) == ("refused", "It was worn.")
    late = clerk.post(act_page(asked, "approve"), {}, follow=True)
    assert "It is now: refused." in messages(late)[-1]


def test_staff_record_what_arrived_and_refund_it_themselves(
    clerk: Client, gateway: FakeGateway
) -> None:
    returned = register(make_sent_order())
    row = returned.lines.get()
    page = act_page(returned, "arrived")
    assert "Was to contain 2 x MUG-01." in text_of(clerk, page)

    sent = {f"restocked_{row.pk}": 1, f"scrapped_{row.pk}": 1}
    for _press in range(2):
        clerk.post(page, sent)

    assert counters() == (9, 0)
    assert refunded_total(gateway) == 0
    assert not Refund.objects.exists()
    assert ARRIVED in text_of(clerk, reverse("admin:index"))
    assert refund_page(returned) in clerk.get(return_page(returned)).content.decode()

    opened = clerk.get(refund_page(returned)).context["form"]
    line = returned.order.lines.get()
    assert opened["amount"].value() == "3,600"
    assert opened[f"units_{line.pk}"].value() == "2"
    assert opened.fields[f"restock_{line.pk}"].disabled
    values = values_of(opened)
    for _press in range(2):
        clerk.post(refund_page(returned), {**values, "typed": "3600"})
    settle(Refund.objects.get().pk)

    assert refunded_total(gateway) == 3600
    returned.refresh_from_db()
    assert (returned.status, returned.refund) == ("closed", Refund.objects.get())
    assert returned.closed_by == "yuki"
    assert counters() == (9, 0)
    assert ARRIVED not in text_of(clerk, reverse("admin:index"))
    assert_books_agree()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "Say what was in the parcel."),
        ({"restocked": 2, "scrapped": 1}, "no more than 2 were to come back"),
        ({"restocked": 3}, "less than or equal to 2"),
    ],
)
def test_a_parcel_that_cannot_be_changes_nothing(
    clerk: Client, sent: dict[str, int], says: str
) -> None:
    returned = register(make_sent_order())
    row = returned.lines.get()
    before = dump()

    values = {f"{name}_{row.pk}": units for name, units in sent.items()}
    answer = clerk.post(act_page(returned, "arrived"), values)

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert dump() == before


def test_the_refund_of_a_return_is_no_more_than_is_left(clerk: Client) -> None:
    order = make_sent_order()
    give_back(clerk, order, "0")
    returned = register(order)
    arrive(returned)
    OrderLine.objects.update(refunded=1)
    Payment.objects.update(refunded_minor=3000)

    opened = clerk.get(refund_page(returned)).context["form"]

    assert opened["amount"].value() == "1,200"
    assert opened[f"units_{order.lines.get().pk}"].value() == "1"


def test_a_return_that_was_settled_meanwhile_is_not_refunded(
    clerk: Client, gateway: FakeGateway
) -> None:
    returned = register(make_sent_order())
    arrive(returned)
    opened = clerk.get(refund_page(returned)).context["form"]
    values = values_of(opened)
    services.close(returned, "ken", "It was used.")
    before = dump()

    answer = clerk.post(refund_page(returned), {**values, "typed": "3600"}, follow=True)

    assert "Nothing was refunded" in messages(answer)[0]
    assert dump() == before


def test_what_does_not_come_is_ended_and_what_is_worth_nothing_is_closed(
    clerk: Client,
) -> None:
    order = make_sent_order()
    ended = register(order)
    clerk.post(act_page(ended, "withdraw"), {})
    closed = register(order)
    arrive(closed, sent_back=2)
    assert clerk.post(act_page(closed, "close"), {}).status_code == 422
    clerk.post(act_page(closed, "close"), {"answer": "It was used: it is yours."})

    assert list(Return.objects.values_list("status", flat=True)) == [
        "closed",
        "cancelled",
    ]
    assert not Refund.objects.exists()
    assert counters() == (8, 0)


def test_only_who_handles_returns_acts(client: Client) -> None:
    asked = ask(make_sent_order())
    client.force_login(make_staff("view_order", "view_return", "refund"))

    page = client.get(return_page(asked)).content.decode()
    assert act_page(asked, "approve") not in page
    for name in ("approve", "refuse", "arrived", "withdraw", "close"):
        assert client.post(act_page(asked, name), {}).status_code == 403
    assert client.get(register_page(asked.order)).status_code == 403
    assert (
        register_page(asked.order)
        not in client.get(order_page(asked.order)).content.decode()
    )


def test_a_page_that_does_not_exist(clerk: Client) -> None:
    asked = ask(make_sent_order())
    assert clerk.get(act_page(asked, "burn")).status_code == 404
    assert Decision("yuki").answer == ""
