"""Mails about accounts: sent once, kept until they are sent, in both languages."""

from typing import Any

import pytest
from django.core import mail as mails
from django.core.mail.backends.base import BaseEmailBackend
from pytest_django.fixtures import Settings

from shop.customers import codes, outbox
from shop.customers.models import AccountMail
from tests.support.accounts import EMAIL

pytestmark = pytest.mark.django_db

KINDS: dict[str, dict[str, Any]] = {
    "code_sign_in": {"code": "1234 5678", "minutes": 15},
    "code_change_email": {"code": "1234 5678", "minutes": 15},
    "email_changed": {"new": "new@customer.example"},
    "password_changed": {},
    "deleted": {},
    "erasure_requested": {"when": "2026-12-30 10:00"},
    "erasure_certificate": {"number": "7f3c"},
    "linked": {},
}


class Broken(BaseEmailBackend):
    def send_messages(self, _messages: object) -> int:
        raise ConnectionRefusedError


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_written_and_removed(kind: str, language: str) -> None:
    outbox.queue(EMAIL, kind, language, **KINDS[kind])

    assert outbox.send(AccountMail.objects.get().pk)

    sent: Any = mails.outbox[-1]
    assert sent.to == [EMAIL]
    html = sent.alternatives[0][0]
    for value in KINDS[kind].values():
        assert str(value) in sent.body
        assert str(value) in html
    assert f'lang="{language}"' in html
    assert ("みなと" in sent.subject) == (language == "ja")
    assert not AccountMail.objects.exists()


def test_a_mail_stays_until_the_server_takes_it(settings: Settings) -> None:
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    codes.send(EMAIL)
    mail = AccountMail.objects.get()
    assert not outbox.send(mail.pk)
    assert not outbox.send(mail.pk), "its next try is not due yet"

    settings.EMAIL_BACKEND = backend
    AccountMail.objects.update(due_at=mail.created_at)
    assert outbox.sweep() == 1
    assert len(mails.outbox) == 1


def test_a_code_that_is_over_is_not_sent() -> None:
    codes.send(EMAIL)
    mail = AccountMail.objects.get()
    AccountMail.objects.update(expires_at=mail.created_at, due_at=mail.created_at)

    assert outbox.sweep() == 0
    assert not mails.outbox
    assert not AccountMail.objects.exists()
