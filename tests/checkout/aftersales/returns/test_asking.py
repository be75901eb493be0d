"""A customer asks to return goods on the order's page, and reads what became of it."""

# ruff: noqa: RUF001 - Japanese punctuation is wide

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django.fixtures import Settings

from checkout.aftersales import exchanges
from checkout.aftersales.refunds.services import settle
from checkout.aftersales.returns import notices, refunds, services
from checkout.mail import outbox
from checkout.payments.fake.gateway import FakeGateway
from orders.models import Order, Parcel, Return
from orders.transitions.returns import Decision
from saga.models import Alert
from shop import database_clock
from tests.saga.tables import dump
from tests.support.refunding import make_charged_order
from tests.support.refunding import wish as refund_wish
from tests.support.returns import arrive, make_sent_order, register

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

RETURN = "You can ask to return items until"


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway, settings: Settings) -> None:
    settings.SELLER_NAME = "Minato TV"
    settings.SELLER_ADDRESS = "1-2-3 Kaigan\nMinato-ku, Tokyo"


def order_page(order: Order) -> str:
    return reverse("checkout:order", args=[order.uid])


def return_page(order: Order) -> str:
    return reverse("checkout:order_returns", args=[order.uid])


def text_of(client: Client, url: str) -> str:
    page = client.get(url, follow=True).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def filled(order: Order, units: object = 1, **more: object) -> dict[str, Any]:
    return {
        "uid": uuid.uuid4(),
        f"units_{order.lines.get().pk}": units,
        "reason": "damaged",
        "comment": "The handle is off.",
        **more,
    }


def ask(client: Client, order: Order, **more: object) -> Return:
    client.post(return_page(order), filled(order, **more))
    return Return.objects.get()


def mails(*about: str) -> list[tuple[str, str, str]]:
    """Send the queued mails. Return subject, text and HTML of those about returns.

    ``about``: a word of their subjects.
    """
    mail.outbox.clear()
    with translation.override("ja"):
        outbox.sweep_mails(database_clock.read() + timedelta(minutes=1))
    found = []
    for sent in mail.outbox:
        assert isinstance(sent, mail.EmailMultiAlternatives)
        if any(word in str(sent.subject) for word in about or ("return", "返品")):
            html = str(sent.alternatives[0][0])
            found.append((str(sent.subject), str(sent.body), html))
    return found


def test_a_customer_asks_once_and_reads_it(client: Client) -> None:
    order = make_sent_order()
    assert RETURN in text_of(client, order_page(order))
    assert "Please do not send anything before" in text_of(client, return_page(order))

    sent = filled(order)
    for _press in range(2):
        answer = client.post(return_page(order), sent)
        assert (answer.status_code, answer["Location"]) == (303, order_page(order))

    asked = Return.objects.get()
    assert (asked.by_customer, asked.comment) == (True, "The handle is off.")
    assert asked.lines.get().quantity == 1
    page = text_of(client, order_page(order))
    assert "You asked to return these items on" in page
    assert RETURN in page, "the other unit may follow"
    ((subject, text, _html),) = mails()
    assert f"items of order {order.number} –" in subject
    assert "Please do not send anything yet." in text


def test_staff_are_alerted_once(client: Client, settings: Settings) -> None:
    order = make_sent_order()
    asked = ask(client, order)

    (alert,) = Alert.objects.filter(topic__startswith=notices.REQUESTED)

    title, lines = notices.write_requested(alert)
    assert title == f"The customer asks to return items of order {order.number}"
    assert f"/orders/return/{asked.pk}/" in " ".join(lines)
    runbook = Path(django_settings.BASE_DIR) / "docs/operations/README.md"
    headings = re.findall(r"^## (.+)$", runbook.read_text("utf-8"), re.MULTILINE)
    assert notices.ANCHOR in {each.lower().replace(" ", "-") for each in headings}


@pytest.mark.parametrize(
    "wrong",
    [
        {"units": 0},
        {"units": 3},
        {"units": "two"},
        {"reason": ""},
        {"reason": "bored"},
        {"comment": "x" * 501},
        {"uid": "no-uid"},
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing(
    client: Client, wrong: dict[str, Any]
) -> None:
    order = make_sent_order()
    before = dump()

    answer = client.post(return_page(order), filled(order, **wrong))

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert dump() == before


def test_text_from_outside_fits_into_the_database(client: Client) -> None:
    order = make_sent_order()
    broken = filled(order, comment="a\0b")
    assert client.post(return_page(order), broken).status_code == 400

    ask(client, order, comment="\N{ZERO WIDTH SPACE}" + "あ" * 500)

    assert Return.objects.get().comment == "あ" * 500


@pytest.mark.parametrize(("days", "may"), [(13, True), (14, True), (15, False)])
def test_the_window_counts_days_from_the_last_parcel(
    client: Client, days: int, may: bool
) -> None:
    order = make_sent_order()
    left = database_clock.read() - timedelta(days=days)
    Parcel.objects.update(dispatched_at=left)

    assert (RETURN in text_of(client, order_page(order))) == may
    client.post(return_page(order), filled(order))

    assert Return.objects.exists() == may


def test_without_days_nobody_asks_and_staff_still_register(
    client: Client, settings: Settings
) -> None:
    settings.RETURN_DAYS = 0
    order = make_sent_order()
    assert RETURN not in text_of(client, order_page(order))
    page = text_of(client, return_page(order))
    assert "cannot be returned here now" in page
    client.post(return_page(order), filled(order))
    assert not Return.objects.exists()

    register(order)

    assert "Send your items back" in text_of(client, order_page(order))


def test_what_has_not_left_is_not_returned(client: Client) -> None:
    order = make_charged_order()

    assert RETURN not in text_of(client, order_page(order))
    client.post(return_page(order), filled(order))

    assert not Return.objects.exists()


def test_an_approved_return_has_the_address_and_who_pays(client: Client) -> None:
    order = make_sent_order()
    asked = ask(client, order)
    mails()
    services.approve(asked, Decision("yuki", answer="Keep the box."))

    page = text_of(client, order_page(order))
    ((subject, text, html),) = mails()

    assert subject.startswith(f"How to return the items of order {order.number}")
    for told in (page, text, html):
        for words in (
            "1-2-3 Kaigan",
            "Minato-ku, Tokyo",
            "We pay the postage",
            "Keep the box.",
        ):
            assert words in told
    assert "Morning Mug" in text


def test_who_changes_their_mind_pays_the_postage(client: Client) -> None:
    order = make_sent_order()
    services.approve(ask(client, order, reason="unwanted"), Decision("yuki"))

    assert "Please pay the postage." in text_of(client, order_page(order))


def test_a_refused_customer_reads_why(client: Client) -> None:
    order = make_sent_order()
    asked = ask(client, order)
    mails()
    services.refuse(asked, Decision("yuki", answer="It was <worn>."))

    page = client.get(order_page(order)).content.decode()
    ((_subject, text, html),) = mails()

    assert "Your items could not be returned" in page
    assert "It was &lt;worn&gt;." in page
    assert "It was <worn>." in text
    assert "It was &lt;worn&gt;." in html
    assert RETURN in page, "another reason may be better"


def test_a_customer_withdraws_a_return_until_it_arrives(client: Client) -> None:
    order = make_sent_order()
    asked = ask(client, order)
    url = reverse("checkout:return_withdraw", args=[order.uid, asked.pk])
    assert url in client.get(order_page(order)).content.decode()
    assert client.get(url).status_code == 405

    for _press in range(2):
        assert client.post(url).status_code == 303

    page = client.get(order_page(order)).content.decode()
    assert "Your return was withdrawn" in page
    assert url not in page
    asked.refresh_from_db()
    assert (asked.status, asked.closed_by) == ("cancelled", "customer")


def test_a_customer_withdraws_nothing_of_others(client: Client) -> None:
    order, other = make_sent_order(), make_sent_order()
    asked = ask(client, order)
    url = reverse("checkout:return_withdraw", args=[other.uid, asked.pk])
    before = dump()

    assert client.post(url).status_code == 404

    of_staff = register(other)
    url = reverse("checkout:return_withdraw", args=[other.uid, of_staff.pk])
    assert client.post(url).status_code == 404
    services.approve(asked, Decision("yuki"))
    arrive(asked)
    url = reverse("checkout:return_withdraw", args=[order.uid, asked.pk])
    answer = client.post(url, follow=True)
    assert "It is now: parcel received." in answer.content.decode()
    assert before != dump()


def test_the_page_follows_the_parcel_and_the_money(client: Client) -> None:
    order = make_sent_order()
    asked = ask(client, order)
    services.approve(asked, Decision("yuki"))
    mails()
    arrive(asked)
    assert "We received your parcel on" in text_of(client, order_page(order))
    ((subject, _text, _html),) = mails()
    assert "that you returned" in subject

    made = refunds.refund(order, refund_wish(order, 1800), asked)
    assert "We are refunding ¥1,800." in text_of(client, order_page(order))
    settle(made.pk)

    assert "We refunded ¥1,800 on" in text_of(client, order_page(order))
    assert [sent[0] for sent in mails()] == [], "the refund has its own mail"


def test_a_return_closed_without_money_says_why(client: Client) -> None:
    order = make_sent_order()
    returned = register(order)
    arrive(returned, sent_back=2)
    mails()
    services.close(returned, "yuki", "It was used: it is on its way back to you.")

    ((_subject, text, _html),) = mails()

    for told in (text, text_of(client, order_page(order))):
        assert "It was used: it is on its way back to you." in told


def test_a_japanese_customer_reads_japanese(client: Client) -> None:
    order = make_sent_order()
    Order.objects.update(language="ja")
    asked = ask(client, order)
    services.approve(asked, Decision("yuki"))
    arrive(asked)
    services.close(asked, "yuki", "交換品をお送りします。")

    sent = mails()

    assert [each[0] for each in sent] == [
        f"【みなと TV ショップ】ご注文 {order.number} の返品のご依頼について",
        f"【みなと TV ショップ】ご注文 {order.number} の返品方法のご案内",
        f"【みなと TV ショップ】ご注文 {order.number} の返品の荷物を受け取りました",
        f"【みなと TV ショップ】ご注文 {order.number} のご返品について",
    ]
    assert "着払いでお送りください" in sent[1][1]
    ja = Client(headers={"accept-language": "ja"})
    page = text_of(ja, order_page(order)) + text_of(ja, return_page(order))
    assert "返品の手続きは終わりました。" in page
    assert "キャンセル" not in page.partition("返品の荷物が届きました")[2]


def test_an_exchange_is_mailed_in_both_languages(client: Client) -> None:
    order = make_sent_order()
    returned = register(order)
    arrive(returned, scrapped=1)
    mails()
    exchanges.begin(returned, "ken")
    ((subject, text, html),) = mails("Exchange")
    assert subject.startswith(f"Exchange for order {order.number} –")
    for told in (text, html):
        assert "send the same items again, at no charge" in told
    assert "× 1" in text, "what did not arrive is not sent again"

    Order.objects.update(language="ja")
    exchange = exchanges.exchange_of(returned)
    exchanges.send(exchange, carrier="yamato", tracking_number="49-1", actor="ken")

    ((subject, text, html),) = mails("交換")
    assert subject.endswith(f"ご注文 {order.number} の交換の商品を発送しました")
    for told in (text, html):
        assert "ヤマト運輸" in told
        assert "49-1" in told
