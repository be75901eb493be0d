"""Mails come from the shop by its name, and answers reach it."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.core import mail
from pytest_django.fixtures import Settings

from checkout.mail.messages import send_confirmation
from orders.models import Order
from shop.profile.models import ShopProfile
from tests.support.staff import make_order

pytestmark = pytest.mark.django_db
NAMES = ("みなと商店", 'Comma, "Quote" & Co', "名" * 60, "a@b.example", "Ünï <x>")


def sent(**profile: str) -> mail.EmailMessage:
    ShopProfile.objects.create(
        pk=1, **{"name_ja": "株式会社", "name_en": "K.K.", **profile}
    )
    order = make_order()
    Order.objects.filter(pk=order.pk).update(language="ja")
    send_confirmation(Order.objects.get(pk=order.pk))
    return mail.outbox[-1]


@pytest.mark.parametrize("name", NAMES)
def test_the_sender_is_called_as_the_shop_is(name: str, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Old name <shop@example.com>"
    message = sent(shop_name_ja=name)
    parsed = message_from_bytes(message.message().as_bytes(), policy=policy.default)
    (sender,) = parsed["From"].addresses

    assert (sender.display_name, sender.addr_spec) == (name, "shop@example.com")
    assert parsed["Subject"].strip().startswith(f"【{name}】")


def test_answers_go_to_the_shop_and_absence_notes_to_nobody() -> None:
    message = sent(email="help@example.com")

    assert message.reply_to == ["help@example.com"]
    assert message.message()["Auto-Submitted"] == "auto-generated"


def test_without_a_mail_address_answers_go_to_the_sender() -> None:
    assert sent().reply_to == []


def test_a_mail_says_who_sells() -> None:
    message = sent(
        shop_name_ja="みなと商店",
        address_ja="東京都\n港区1-2-3",
        phone="03-9999-0000",
        hours_ja="平日10時〜17時",
        email="help@example.com",
    )
    html = str(message.alternatives[0][0])  # type: ignore[attr-defined]

    for body in (str(message.body), html):
        for expected in ("株式会社", "港区1-2-3", "03-9999-0000", "help@example.com"):
            assert expected in body
        assert "平日10時〜17時" in body


@pytest.mark.parametrize(
    ("colour", "ink", "link"),
    [
        ("#4338ca", "#ffffff", "#4338ca"),
        ("#c2410c", "#ffffff", "#c2410c"),
        # White on it could not be read, nor it on white.
        ("#f59e0b", "#1c1a22", "#1c1a22"),
        ("#FFFFFF", "#1c1a22", "#1c1a22"),
    ],
)
def test_buttons_and_links_have_the_shop_s_colour(
    colour: str, ink: str, link: str
) -> None:
    html = str(sent(colour=colour).alternatives[0][0])  # type: ignore[attr-defined]
    assert f"background:{colour};color:{ink};" in html
    assert ShopProfile.objects.get().link_colour == link


def test_no_mail_has_a_colour_of_another_shop() -> None:
    mails = Path("templates").glob("*/mail/*.html")
    wrong = [each.name for each in mails if "#4338ca" in each.read_text("utf-8")]
    assert wrong == []
