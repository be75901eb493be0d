"""Guests find an order by number and mail address; nobody learns whether it exists."""

import re

import pytest
from django.core import mail as mails
from django.test import Client

from checkout.my_page import look_up
from orders.models import Order
from shop.catalogue.models import Product
from shop.customers import outbox
from shop.customers.models import AccountMail
from tests.support.accounts import EMAIL, words
from tests.support.shopping import make_order

pytestmark = pytest.mark.django_db

PAGE = "/account/look-up/"


def ask(client: Client, number: str, email: str = EMAIL) -> str:
    answer = client.post(PAGE, {"number": number, "email": email}, follow=True)
    return words(answer)


def test_the_link_comes_by_mail_and_leads_to_the_order(
    client: Client, mug: Product
) -> None:
    order = make_order({"MUG-01": 1})
    Order.objects.update(email="Hanako@customer.example")
    ask(client, f" {order.number.lower()} ")
    assert outbox.send(AccountMail.objects.get().pk)

    link = re.search(r"/account/look-up/[^\s/]+/", str(mails.outbox[0].body))
    assert link
    assert client.get(link[0])["Location"] == f"/orders/{order.uid}/"


def test_the_answer_is_the_same_whether_or_not_the_order_exists(
    mug: Product,
) -> None:
    order = make_order({"MUG-01": 1})
    answers = {
        ask(Client(), order.number),
        ask(Client(), order.number, "taro@customer.example"),
        ask(Client(), "261121-AAAAAA"),
    }

    assert len(answers) == 1
    for mail in AccountMail.objects.all():
        outbox.send(mail.pk)
    assert [mail.to for mail in mails.outbox] == [[EMAIL]]


def test_many_look_ups_wait(client: Client) -> None:
    answers = [
        client.post(PAGE, {"number": "261121-AAAAAA", "email": EMAIL})
        for _time in range(6)
    ]

    assert [answer.status_code for answer in answers] == [303] * 5 + [422]
    assert AccountMail.objects.count() == 5


@pytest.mark.parametrize("token", ["x", "a:b:c", "%00"])
def test_a_forged_link_leads_nowhere(client: Client, token: str) -> None:
    assert client.get(f"{PAGE}{token}/").status_code in (400, 404)
    assert look_up.read(token) is None
