# ruff: noqa: RUF001 (as customers see it)
"""Rules for all templates of the checkout, and the confirmation mail."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.utils.translation import override

from checkout.mail.messages import send_confirmation
from checkout.templatetags.checkout_tags import delivery, prefecture
from shop.catalogue.models import Product
from tests.support.shopping import make_order

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = sorted((TEMPLATES / "checkout").rglob("*.html"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_script_or_style_stands_in_a_template(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert " src=" in script


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_form_that_posts_carries_the_token(path: Path) -> None:
    for form in re.split(r"<form", path.read_text())[1:]:
        if 'method="post"' in form.split("</form>")[0]:
            assert "{% csrf_token %}" in form.split("</form>")[0]


def sent_mail() -> mail.EmailMultiAlternatives:
    (sent,) = mail.outbox
    assert isinstance(sent, mail.EmailMultiAlternatives)
    return sent


def html_of(sent: mail.EmailMultiAlternatives) -> str:
    return str(sent.alternatives[0][0])


def test_the_mail_says_it_in_text_and_html(mug: Product, tea: Product) -> None:
    order = make_order({"MUG-01": 1, "TEA-01": 2})
    send_confirmation(order)
    sent = sent_mail()
    assert sent.to == ["hanako@customer.example"]
    assert sent.subject == (f"Order {order.number} confirmed – Minato TV Shop")
    html = html_of(sent)
    for part in (sent.body, html):
        assert order.number in part
        assert "Morning Mug" in part
        assert "¥700 × 2" in part
        assert "of which 8 % tax on ¥1,400" in part
        assert "〒106-0031" in part
        assert "Tokyo 港区" in part
        assert f"{settings.SITE_URL}/orders/{order.uid}/" in part


def test_the_mail_is_in_the_order_language(mug: Product) -> None:
    with override("ja"):
        order = make_order({"MUG-01": 1}, language="ja")
    with override("en"):
        send_confirmation(order)
    assert "￥1,800" in mail.outbox[0].body
    assert "朝のマグカップ" in mail.outbox[0].body
    assert '<html lang="ja">' in html_of(sent_mail())


def test_nothing_a_customer_types_becomes_markup_in_a_mail(mug: Product) -> None:
    order = make_order({"MUG-01": 1})
    order.name = "<b>Bobby</b>"
    send_confirmation(order)
    assert "<b>Bobby</b>" in mail.outbox[0].body
    assert "<b>Bobby</b>" not in html_of(sent_mail())


def test_keys_are_written_in_words_and_unknown_ones_as_they_are() -> None:
    assert prefecture("okinawa") == "Okinawa"
    assert prefecture("Atlantis") == "Atlantis"
    assert delivery("leave") == "Leave at the door"
    assert delivery("drone") == "drone"
