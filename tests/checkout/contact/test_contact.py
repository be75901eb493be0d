"""Messages of customers: kept, mailed once, answered, and of no use to a spammer."""

import re
from datetime import timedelta

import pytest
from django.core import mail, signing
from django.core.cache import cache
from django.test import Client

from checkout.contact import mails, services, suspicions
from checkout.contact.models import Enquiry
from orders.models import Order
from shop import database_clock
from shop.customers import outbox
from shop.customers.models import AccountMail
from shop.profile.models import ShopProfile
from shop.profile.selectors import default_profile
from tests.support.accounts import make_customer, sign_in
from tests.support.shopping import text_of
from tests.support.staff import make_done

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

PAGE = "/contact/"
SHOP = "office@shop.example"
HANAKO = "hanako@customer.example"
WRITTEN = {
    "name": "Hanako",
    "email": HANAKO,
    "order_number": "",
    "subject": "Gift wrapping",
    "text": "Can you wrap it?",
    "website": "",
}


@pytest.fixture(autouse=True)
def profile(db: None) -> ShopProfile:
    profile = default_profile()
    profile.pk, profile.email = 1, SHOP
    profile.save()
    return profile


@pytest.fixture
def order(db: None) -> Order:
    order = make_done("261130-C0NTAC")
    Order.objects.filter(pk=order.pk).update(email="Hanako@customer.example")
    order.refresh_from_db()
    return order


def shown(client: Client, query: str = "") -> dict[str, str]:
    """Open the form, a minute ago, and return what its fields hold."""
    page = text_of(client.get(PAGE + query))
    fields = dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page))
    key, at = signing.loads(fields["shown"], salt=suspicions._SALT)
    return fields | {"shown": signing.dumps([key, at - 60], salt=suspicions._SALT)}


def write(client: Client, **fields: str) -> str:
    form = {**WRITTEN, "shown": shown(client)["shown"], **fields}
    return text_of(client.post(PAGE, form, follow=True))


def sent() -> dict[str, list[mail.EmailMessage]]:
    """Send all mails, and return them by their first receiver."""
    for pk in AccountMail.objects.order_by("pk").values_list("pk", flat=True):
        outbox.send(pk)
    found: dict[str, list[mail.EmailMessage]] = {}
    for message in mail.outbox:
        found.setdefault(message.to[0], []).append(message)
    return found


def test_a_message_is_kept_and_mailed_to_the_shop(client: Client) -> None:
    assert "We have your message" in write(client)

    kept = Enquiry.objects.get()
    assert (kept.subject, kept.state, kept.suspicion) == ("Gift wrapping", "open", "")
    (message,) = sent()[SHOP]
    assert message.reply_to == ["Hanako <hanako@customer.example>"]
    assert "Can you wrap it?" in str(message.body)
    assert f"/admin/checkout/enquiry/{kept.pk}/change/" in str(message.body)


def test_a_form_that_is_sent_twice_is_one_message(client: Client) -> None:
    form = WRITTEN | {"shown": shown(client)["shown"]}
    for _time in range(2):
        assert "We have your message" in text_of(client.post(PAGE, form, follow=True))
    assert Enquiry.objects.count() == 1
    assert {to: len(found) for to, found in sent().items()} == {SHOP: 1, HANAKO: 1}


def test_other_words_in_the_same_form_are_another_message(client: Client) -> None:
    form = WRITTEN | {"shown": shown(client)["shown"]}
    client.post(PAGE, form)
    client.post(PAGE, form | {"text": "And how much is it?"})
    texts = Enquiry.objects.order_by("pk").values_list("text", flat=True)
    assert list(texts) == ["Can you wrap it?", "And how much is it?"]


def test_an_order_s_page_leads_to_a_form_with_its_number(order: Order) -> None:
    page = text_of(Client().get(f"/orders/{order.uid}/"))
    assert f"/contact/?order={order.number}" in page
    assert shown(Client(), f"?order={order.number}")["order_number"] == order.number


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_answer_does_not_tell_whether_there_is_an_order(
    order: Order, language: str
) -> None:
    pages = []
    for number in (order.number, "261121-NOSUCH"):
        client = Client(headers={"accept-language": language})
        page = write(client, order_number=number, email="mallory@evil.example")
        pages.append(re.sub(r'value="[^"]*"', "", page))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("email", "number", "is_repeated"),
    [
        (HANAKO, "", False),
        (HANAKO, "261121-NOSUCH", False),
        ("victim@customer.example", "ORDER", False),
        (HANAKO, "ORDER", True),
    ],
)
def test_only_the_writer_is_sent_the_words(
    order: Order, client: Client, email: str, number: str, is_repeated: bool
) -> None:
    number = order.number if number == "ORDER" else number
    write(client, email=email, order_number=number, text="Buy pills", subject="Pills")
    (copy,) = sent()[email]
    html = copy.alternatives[0][0]  # type: ignore[attr-defined]
    assert ("pills" in f"{copy.subject}{copy.body}{html}".lower()) is is_repeated


def test_a_customer_who_is_signed_in_gets_a_copy(client: Client) -> None:
    make_customer(HANAKO)
    sign_in(client, HANAKO)
    assert shown(client)["email"] == HANAKO
    write(client)
    assert "Can you wrap it?" in str(sent()[HANAKO][0].body)


def test_an_address_gets_few_copies_a_day(client: Client) -> None:
    for _time in range(mails.COPIES_A_DAY + 2):
        cache.clear()
        write(client)
    told = {to: len(found) for to, found in sent().items()}
    assert told == {SHOP: mails.COPIES_A_DAY + 2, HANAKO: mails.COPIES_A_DAY}


def test_the_shop_gets_no_more_mails_than_it_can_read(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "MAILS_AN_HOUR", 1)
    write(client)
    write(client, email="taro@customer.example")
    assert len(sent()[SHOP]) == 1
    assert Enquiry.objects.waiting().count() == 2


@pytest.mark.parametrize(
    ("fields", "suspicion"),
    [
        ({"website": "http://spam.example"}, "hidden"),
        ({"shown": ""}, "no_form"),
        ({"shown": "forged"}, "no_form"),
        ({"shown": "NOW"}, "fast"),
        ({"text": "https://a.example https://b.example www.c.example"}, "links"),
    ],
)
def test_what_a_program_sends_is_kept_and_mails_nobody(
    client: Client, fields: dict[str, str], suspicion: str
) -> None:
    if fields.get("shown") == "NOW":
        fields = {"shown": suspicions.sign_form()}
    assert "We have your message" in write(client, **fields)
    assert Enquiry.objects.get().suspicion == suspicion
    assert sent() == {}
    assert not Enquiry.objects.waiting().exists()

    services.clear(Enquiry.objects.get())
    services.clear(Enquiry.objects.get())
    assert set(sent()) == {SHOP, HANAKO}


def test_who_writes_often_waits_and_others_do_not(client: Client) -> None:
    pages = [write(client) for _time in range(7)]
    assert "Too many attempts" in pages[-1]
    assert "Can you wrap it?" in pages[-1]
    assert "We have your message" in write(client, email="taro@customer.example")


@pytest.mark.parametrize("field", ["name", "email", "subject", "text"])
def test_what_is_missing_is_said_and_the_rest_stays(client: Client, field: str) -> None:
    form = {**WRITTEN, "shown": shown(client)["shown"], field: "\u200b"}
    answer = client.post(PAGE, form)
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in page
    assert "Gift wrapping" in page or field == "subject"
    assert not Enquiry.objects.exists()


def test_old_messages_are_forgotten_and_open_ones_are_not(client: Client) -> None:
    for number, website in enumerate(["", "", "spam"]):
        write(client, subject=f"{number}", website=website)
    answered = Enquiry.objects.get(subject="0")
    services.close(answered, "yuki")
    long_ago = database_clock.read() - timedelta(days=800)
    Enquiry.objects.update(created_at=long_ago)
    Enquiry.objects.filter(pk=answered.pk).update(answered_at=long_ago)

    assert services.forget(database_clock.read()) == 2
    assert Enquiry.objects.get().subject == "1"


def test_a_deleted_account_s_messages_go_with_it(client: Client) -> None:
    write(client)
    assert services.forget_address(HANAKO) == 1
    assert sent() == {}
