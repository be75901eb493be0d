"""Alerts are in the staff's language: no text of theirs is left out."""

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from django.core import mail
from django.utils import translation
from pytest_django.fixtures import Settings

from checkout.alerts import channels, failed_jobs, notices
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.status.failures import failure
from checkout.status.names import CHECKOUT_NAME
from flows import alerts as flows
from saga.alerting import raise_notice
from saga.engine import run
from saga.sweeper import sweep
from shop import database_clock
from tests.support.ordering import place

_TRANSLATED = {"gettext", "ngettext", "pgettext", "_", "next_steps", "what_to_do"}
# Two words: what people read. Commands are the same in every language.
_WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
_COMMAND = re.compile(r"python manage\.py |timedatectl ")
# Names of topics and periodic jobs, and what an error of the program says.
_NOT_SENT = {"outage of ", "alert to the bridge", "low stock"}
_NOT_SENT |= {"the chat answers with a redirect: correct ALERT_CHAT_WEBHOOK_URL"}


def modules() -> list[ModuleType]:
    """Return every module that writes a text of an alert."""
    writers = {inspect.getmodule(each) for each in notices.writers()}
    return [*filter(None, writers), channels, notices, flows]


def untranslated(source: str) -> Iterator[str]:
    """Yield what people would read and no function translates."""
    tree = ast.parse(source)
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            # A docstring.
            skipped.add(node.value)
        name = getattr(getattr(node, "func", None), "id", "")
        if isinstance(node, ast.Call) and name in _TRANSLATED:
            skipped |= {part for each in node.args for part in ast.walk(each)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in skipped:
            text = node.value if isinstance(node.value, str) else ""
            is_read = text not in _NOT_SENT and not _COMMAND.match(text)
            if is_read and _WORDS.search(text):
                yield text


def test_every_text_of_an_alert_is_translated() -> None:
    found = {
        module.__name__: list(untranslated(inspect.getsource(module)))
        for module in modules()
    }

    assert len(found) > 15
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('title = f"Order {number} is lost"', ["is lost"]),
        ('lines = ["It goes on by itself."]', ["It goes on by itself."]),
        ('title = gettext("It goes on by itself.")', []),
    ],
)
def test_a_text_that_nothing_translates_is_found(source: str, found: list[str]) -> None:
    assert [text.strip() for text in untranslated(source)] == found


@pytest.mark.django_db
def test_a_notice_is_in_the_language_of_staff(settings: Settings) -> None:
    settings.ALERT_EMAILS = ["staff@minato-tv.example"]
    settings.STAFF_LANGUAGE = "ja"
    topic = f"{failed_jobs.FAILED_JOB} expire_holds"
    raise_notice(CHECKOUT_NAME, topic, database_clock.read())

    with translation.override("en"):
        sweep()

    (message,) = mail.outbox
    assert message.subject == "定期ジョブ「expire_holds」が失敗しています"
    assert "対処方法" in message.body
    assert not re.search(r"[A-Za-z]{2,} [a-z]{2,}", str(message.body))


@pytest.mark.django_db
def test_an_order_that_stopped_says_in_plain_words_what_failed(
    gateway: FakeGateway, settings: Settings
) -> None:
    settings.ALERT_EMAILS = ["staff@minato-tv.example"]
    gateway.fail("create", provider.Refused("parameter unknown"))
    order, saga = place(units={"MUG-01": 1})
    run(saga.pk)
    saga.refresh_from_db()
    settings.STAFF_LANGUAGE = "ja"

    sweep()

    (message,) = mail.outbox
    assert message.subject.startswith(f"注文 {order.number} が停止しました")
    assert "authorize_payment" in message.subject
    body = str(message.body)
    with translation.override("ja"):
        assert failure(saga, "") in body
    assert "card could not" not in body
    assert "/admin/backoffice/stalledorder/" in body
    assert "対処方法" in body
