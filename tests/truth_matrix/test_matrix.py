"""In every cell of the table, pages and mails say what the table says."""

import re
from itertools import product

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from checkout.flow import send_confirmation
from checkout.mail import messages
from checkout.mail.models import MailKind, OrderMail
from checkout.payments.fake.gateway import FakeGateway
from checkout.status.progress import progress_of
from checkout.status.sagas import saga_of
from orders.models import Order
from saga.step import Context
from tests.truth_matrix.document import TITLE, render
from tests.truth_matrix.states import reach
from tests.truth_matrix.table import (
    KEPT,
    KEPT_BY_MAIL,
    PARTLY,
    RETURNED,
    Money,
    Parcel,
    Said,
    cells,
    said,
    why_impossible,
)

pytestmark = pytest.mark.django_db
DOCUMENT = django_settings.BASE_DIR / "docs" / "what-pages-say.md"
# What pages and mails must not say unless the goods are to be sent.
PACKING = (
    "We pack your items",
    "being prepared",
    "are preparing your items",
)
BUTTONS = (
    *("release", "ship", "ready", "call-off", "missing", "cancel", "return"),
    "refund",
)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def check_customer(order: Order, cell: Said) -> None:
    url = reverse("checkout:order", args=[order.uid])
    page = Client().get(url).content.decode()
    text = words(page)
    title = words(page.partition("<h1")[2].partition("</h1>")[0]).lstrip("> ")
    assert title == cell.title
    assert any(sentence in text for sentence in PACKING) == cell.is_packed
    for sentence in (KEPT, PARTLY, RETURNED):
        assert (sentence in text) == (cell.money == sentence), sentence
    link = reverse("checkout:order_cancel", args=[order.uid])
    assert (link in page) == bool(cell.cancels)
    assert progress_of(order).cancel_way == cell.cancels


def check_staff(order: Order, cell: Said) -> None:
    clerk = Client()
    clerk.force_login(User.objects.create_superuser("yuki"))
    page = clerk.get(reverse("admin:orders_order_change", args=[order.pk]))
    text = page.content.decode()
    base = f"/admin/orders/order/{order.pk}/"
    shown = {name for name in BUTTONS if f'href="{base}{name}/"' in text}
    assert shown == set(cell.buttons)
    stalled = reverse("admin:backoffice_stalledorder_change", args=[order.pk])
    sees = words(clerk.get(stalled).content.decode())
    if cell.title != "Thank you. Your order is complete":
        assert "Their page says: your order is complete." not in sees
    assert ("the money was given back" in sees) == (cell.money == RETURNED)


def check_mails(order: Order, cell: Said, money: Money) -> None:
    order.events.filter(name="confirmation_sent").delete()
    context = Context(saga_of(order), send_confirmation.STEP)
    if money in (Money.UNPAID, Money.APPROVED):
        return
    mail.outbox.clear()
    assert send_confirmation.send(context) == cell.confirms
    assert bool(mail.outbox) == cell.confirms
    if cell.title == "Your order was cancelled":
        mail.outbox.clear()
        messages.send(OrderMail(order=order, kind=MailKind.CANCELLED))
        text = " ".join(str(mail.outbox[0].body).split())
        assert "nothing is sent" in text
        assert (KEPT_BY_MAIL in text) == (cell.money == KEPT)
        assert (PARTLY in text) == (cell.money == PARTLY)
        assert not any(sentence in text for sentence in PACKING)


@pytest.mark.parametrize(
    ("parcel", "money"),
    [
        pytest.param(
            parcel,
            money,
            id=f"{parcel.name}-{money.name}".lower(),
            marks=[pytest.mark.both_databases] if money is Money.CHARGED else [],
        )
        for parcel, money in cells()
    ],
)
def test_a_cell(
    gateway: FakeGateway, settings: Settings, parcel: Parcel, money: Money
) -> None:
    order = reach(parcel, money, gateway, settings)
    cell = said(parcel, money)

    check_customer(order, cell)
    check_staff(order, cell)
    check_mails(order, cell, money)


def test_every_cell_is_said_or_named_as_impossible() -> None:
    found = {*cells(), *cells(possible=False)}

    assert found == set(product(Parcel, Money))
    assert all(why_impossible(*cell) for cell in cells(possible=False))


def test_no_cell_says_what_is_not_so() -> None:
    gone = (Money.UNDER_WAY, Money.REFUNDED, Money.DISPUTED)
    for parcel, money in cells():
        cell = said(parcel, money)
        ended = (Parcel.CALLED_OFF, Parcel.DISPATCHED, Parcel.PICKED_UP)
        if parcel in ended or money in gone:
            assert not cell.is_packed, "nothing will be sent any more"
            assert not cell.cancels
        if money in gone:
            assert cell.money != KEPT, "it went back"
            assert not cell.confirms


def test_the_document_is_drawn_from_the_table() -> None:
    """Draw it anew with ``python -m tests.truth_matrix``."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.startswith(TITLE)
    assert text == render()
