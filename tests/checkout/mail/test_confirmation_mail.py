"""The confirmation mail is in the order's language in every process."""

# ruff: noqa: RUF001 - Japanese punctuation is wide

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.utils import translation

from checkout.mail.messages import send_confirmation
from orders.models import Order
from tests.support.orders import make_order

pytestmark = pytest.mark.django_db

# Three in the morning of the 22nd in Tokyo.
PLACED = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


def order_in(language: str) -> Order:
    order = make_order({"MUG-01": 1})
    order.language = language
    order.placed_at = PLACED
    order.name = "港 花子"
    order.city = "港区"
    return order


def sent_about(order: Order, worker_speaks: str) -> tuple[str, str, str]:
    """Send the mail from a process of another language: subject, text, HTML."""
    with translation.override(worker_speaks):
        send_confirmation(order)
    sent = mail.outbox[-1]
    assert isinstance(sent, mail.EmailMultiAlternatives)
    assert sent.to == [order.email]
    return str(sent.subject), str(sent.body), str(sent.alternatives[0][0])


def test_a_japanese_order_is_confirmed_in_japanese() -> None:
    order = order_in("ja")

    subject, text, html = sent_about(order, worker_speaks="en")

    assert subject == f"【みなと TV ショップ】ご注文確定のお知らせ（{order.number}）"
    for body in (text, html):
        assert "港 花子 様" in body
        assert "2026年11月22日" in body
        assert "￥2,400" in body
        assert "東京都港区" in body
    assert '<html lang="ja">' in html
    assert "ご注文番号" in html
    assert "合計（税込）：￥2,400" in text
    assert "Minato TV Shop" not in text + html


def test_an_english_order_is_confirmed_in_english() -> None:
    order = order_in("en")

    subject, text, html = sent_about(order, worker_speaks="ja")

    assert subject == (f"Order {order.number} confirmed – Minato TV Shop")
    for body in (text, html):
        assert "Dear 港 花子," in body
        assert "22 November 2026" in body
        assert "¥2,400" in body
        assert "Tokyo 港区" in body
    assert '<html lang="en">' in html
    assert "みなと TV ショップ" not in text + html
