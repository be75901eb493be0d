"""Staff see who wrote, answer once, and see messages beside their order."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from checkout.contact.models import Enquiry
from shop.customers import outbox
from shop.customers.models import AccountMail
from tests.support.shopping import text_of
from tests.support.staff import make_done, make_staff

pytestmark = pytest.mark.django_db

LIST = "/admin/checkout/enquiry/"
WRITTEN = {
    "name": "Hanako",
    "email": "hanako@customer.example",
    "subject": "Gift wrapping",
    "text": "Can you wrap it?",
    "language": "ja",
}


@pytest.fixture
def enquiry(db: None) -> Enquiry:
    return Enquiry.objects.create(**WRITTEN)


def page_of(enquiry: Enquiry, act: str = "change/") -> str:
    return f"{LIST}{enquiry.pk}/{act}"


def test_an_answer_is_mailed_once(admin_client: Client, enquiry: Enquiry) -> None:
    for _time in range(2):
        admin_client.post(page_of(enquiry, "answer/"), {"text": "はい、承ります。"})

    for pk in AccountMail.objects.values_list("pk", flat=True):
        outbox.send(pk)
    (message,) = mail.outbox
    assert message.to == ["hanako@customer.example"]
    assert message.subject.startswith("【")
    assert "はい、承ります。" in str(message.body)
    assert "Can you wrap it?" in str(message.body)
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.answered_by) == ("answered", "admin")
    assert enquiry.answers.count() == 1


def test_an_answer_that_nobody_sent_yet_is_marked(
    admin_client: Client, enquiry: Enquiry
) -> None:
    admin_client.post(page_of(enquiry, "answer/"), {"text": "Yes"})
    assert "waits to be sent" in text_of(admin_client.get(page_of(enquiry)))
    outbox.send(AccountMail.objects.get().pk)
    assert "waits to be sent" not in text_of(admin_client.get(page_of(enquiry)))


def test_an_empty_answer_is_not_sent(admin_client: Client, enquiry: Enquiry) -> None:
    answer = admin_client.post(page_of(enquiry, "answer/"), {"text": " "})
    assert answer.status_code == 422
    assert "Write the answer." in text_of(answer)
    enquiry.refresh_from_db()
    assert enquiry.state == "open"


def test_what_waits_comes_first_and_spam_apart(
    admin_client: Client, enquiry: Enquiry
) -> None:
    Enquiry.objects.create(**{**WRITTEN, "subject": "Pills", "suspicion": "links"})
    waiting = text_of(admin_client.get(LIST))
    spam = text_of(admin_client.get(f"{LIST}?status=spam"))
    assert ("Gift wrapping" in waiting, "Pills" in waiting) == (True, False)
    assert ("Gift wrapping" in spam, "Pills" in spam) == (False, True)

    admin_client.post(page_of(enquiry, "do/close/"))
    assert "Gift wrapping" not in text_of(admin_client.get(LIST))
    admin_client.post(page_of(enquiry, "do/reopen/"))
    assert "Gift wrapping" in text_of(admin_client.get(LIST))
    assert not AccountMail.objects.exists()


def test_the_order_and_the_message_lead_to_each_other(
    admin_client: Client, enquiry: Enquiry
) -> None:
    order = make_done("261130-C0NTAC")
    Enquiry.objects.filter(pk=enquiry.pk).update(order_number=order.number)
    order_page = reverse("admin:orders_order_change", args=[order.pk])

    said = text_of(admin_client.get(page_of(enquiry)))
    assert f'href="{order_page}"' in said
    assert "placed with another email address" in said
    beside = text_of(admin_client.get(order_page))
    assert page_of(enquiry) in beside
    assert "from another email address" in beside


def test_only_who_may_answer_answers(client: Client, enquiry: Enquiry) -> None:
    client.force_login(make_staff("view_enquiry"))
    assert "Can you wrap it?" in text_of(client.get(page_of(enquiry)))
    assert 'name="text"' not in text_of(client.get(page_of(enquiry)))
    for act in ("answer/", "do/close/"):
        assert client.post(page_of(enquiry, act), {"text": "x"}).status_code == 403
    enquiry.refresh_from_db()
    assert enquiry.state == "open"
