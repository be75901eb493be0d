"""Waves of declined cards, and many cards from one address, alert staff."""

import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from backoffice.roles import make_groups
from checkout.card_testing import notices
from checkout.card_testing.watch import watch_cards
from orders.models import PaymentAttempt
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.orders import make_order

pytestmark = pytest.mark.django_db

RUNBOOK = Path(__file__).parents[3] / "docs/operations/README.md"


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> None:
    settings.CARD_TRIES_PER_HOUR = 3
    settings.CARDS_PER_HOUR = 12
    settings.CARDS_DECLINED_ALERT = 5
    settings.ALERT_EMAILS = ["staff@minato-tv.example"]
    settings.SITE_URL = "https://shop.example"


def cards(count: int, client: str, outcome: PaymentAttempt.Outcome) -> None:
    for _card in range(count):
        rows = PaymentAttempt.objects.filter(payment__order=make_order())
        rows.update(client=client, outcome=outcome)


def alerts() -> list[str]:
    """Return the subjects of the alerts that were sent by now, and clear the outbox."""
    watch_cards(timezone.now())
    sweep()
    subjects = sorted(str(message.subject) for message in mail.outbox)
    mail.outbox.clear()
    return subjects


def test_declined_cards_from_one_address_alert_staff_once_an_hour(clock: Clock) -> None:
    cards(2, "203.0.113.7", PaymentAttempt.Outcome.DECLINED)
    assert alerts() == []
    cards(1, "203.0.113.7", PaymentAttempt.Outcome.DECLINED)

    assert alerts() == ["3 cards from 203.0.113.7 were declined within an hour"]
    clock.shift(1800)
    assert alerts() == []
    clock.shift(1801)
    cards(3, "203.0.113.7", PaymentAttempt.Outcome.DECLINED)
    assert len(alerts()) == 1


def test_many_good_cards_from_one_address_alert_staff_before_the_limit(
    clock: Clock,
) -> None:
    cards(4, "203.0.113.7", PaymentAttempt.Outcome.ACCEPTED)

    assert alerts() == ["Many cards from 203.0.113.7: a third of the limit of an hour"]


def test_a_wave_of_declines_from_many_addresses_alerts_staff(clock: Clock) -> None:
    for number in range(5):
        cards(1, f"203.0.113.{number}", PaymentAttempt.Outcome.DECLINED)

    assert alerts() == ["5 cards were declined within an hour in the whole shop"]
    assert alerts() == []


def test_declines_among_more_good_cards_are_everyday_life(clock: Clock) -> None:
    for number in range(5):
        cards(1, f"203.0.113.{number}", PaymentAttempt.Outcome.DECLINED)
        cards(1, f"203.0.113.{number}", PaymentAttempt.Outcome.ACCEPTED)

    assert alerts() == []


def test_the_alert_names_the_list_and_the_runbook_s_chapter(clock: Clock) -> None:
    cards(3, "203.0.113.7", PaymentAttempt.Outcome.DECLINED)
    watch_cards(timezone.now())
    sweep()

    text = str(mail.outbox[0].body)

    assert "https://shop.example/admin/checkout/client/?q=203.0.113.7" in text
    headings = re.findall(r"^#+ (.*)$", RUNBOOK.read_text(), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    assert notices.ANCHOR in anchors


@pytest.mark.parametrize("group", ["Viewer", "Operator", "Refunder"])
def test_the_groups_may_open_every_list_to_which_the_runbook_sends_them(
    client: Client, group: str
) -> None:
    make_groups()
    person = User.objects.create_user("yuki", password="x", is_staff=True)
    person.groups.add(Group.objects.get(name=group))
    client.force_login(person)
    named = {
        re.sub(r"\s+", " ", name).lower()
        for name in re.findall(r"\*([A-Z][^*]+)\*", RUNBOOK.read_text())
    }
    lists = {
        str(model._meta.verbose_name_plural).lower(): model._meta
        for model in admin.site._registry
    }
    sent_there = sorted(named & set(lists))

    answers = {
        name: client.get(
            reverse(
                f"admin:{lists[name].app_label}_{lists[name].model_name}_changelist"
            )
        ).status_code
        for name in sent_there
    }

    assert "card attempts by ip" in answers
    assert set(answers.values()) == {200}, answers
