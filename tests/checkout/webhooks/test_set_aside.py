"""Reports that are not applied: set aside or failed, with the true cause."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DataError, IntegrityError, OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.payments.fake.gateway import SIGNATURE, FakeGateway
from checkout.payments.gateway import ProviderNotice
from checkout.webhooks import failures, problems, replay, services
from checkout.webhooks.models import ProviderEvent, WebhookProblem
from checkout.webhooks.notices import _WHAT
from orders.models import Dispute
from saga.models import Alert
from saga.sweeper import sweep
from tests.conftest import Clock
from tests.support.commands import call, refused

URL = "/webhooks/stripe/"
SetAside = ProviderEvent.SetAside
Cause = WebhookProblem.Cause

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def report(
    client: Client, signature: str = SIGNATURE, fields: dict[str, object] | None = None
) -> int:
    about = fields or {}
    body = {"id": "evt_1", "type": "charge.refunded", "intent_id": "", **about}
    answer = client.post(
        URL,
        json.dumps(body),
        content_type="application/json",
        headers={"Stripe-Signature": signature},
    )
    return answer.status_code


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"account": "acct_other"}, SetAside.OTHER_ACCOUNT),
        ({"own_mode": False}, SetAside.OTHER_MODE),
        ({"type": "charge.dispute.created"}, SetAside.NO_OBJECT),
    ],
)
def test_a_report_that_is_not_ours_is_set_aside_and_read_no_more(
    client: Client,
    gateway: FakeGateway,
    fields: dict[str, object],
    reason: ProviderEvent.SetAside,
) -> None:
    assert report(client, fields=fields) == 200

    event = ProviderEvent.objects.get()
    assert (event.set_aside, event.applied_at) == (reason, None)
    assert services.sweep_events(timezone.now() + timedelta(days=1)) == 0
    assert services.apply_event(event.pk) is False
    assert not Dispute.objects.exists()
    assert WebhookProblem.objects.get().cause == reason
    assert gateway.calls == []


def test_one_failing_report_does_not_stop_the_others(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = ProviderEvent.objects.create(event_id="evt_bad", type="t")
    for number in range(3):
        ProviderEvent.objects.create(event_id=f"evt_{number}", type="t")
    break_down(monkeypatch, DataError("value too long"), "evt_bad")
    later = timezone.now() + timedelta(seconds=30)

    assert services.sweep_events(later) == 3

    bad.refresh_from_db()
    assert (bad.tries, bad.error) == (1, "DataError: value too long")
    assert bad.applied_at is None
    assert bad.set_aside == ""


def break_down(
    monkeypatch: pytest.MonkeyPatch, error: Exception, event_id: str = "evt_1"
) -> None:
    """Let one event fail whenever it is applied."""
    apply = services.apply_event

    def broken(event_pk: int) -> bool:
        if ProviderEvent.objects.get(pk=event_pk).event_id == event_id:
            raise error
        return apply(event_pk)

    monkeypatch.setattr(services, "apply_event", broken)


def test_what_fails_is_tried_again_later_and_later_then_set_aside_with_an_alert(
    gateway: FakeGateway,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
    settings: Settings,
) -> None:
    settings.ALERT_EMAILS = ["staff@minato-tv.example"]
    event = ProviderEvent.objects.create(
        event_id="evt_1", type="t", received_at=timezone.now()
    )
    break_down(monkeypatch, ValueError("\0 sk_test_secret"))
    clock.shift(30)

    pauses = []
    while not event.set_aside:
        services.sweep_events()
        event.refresh_from_db()
        assert event.try_at is not None
        pauses.append((event.try_at - timezone.now()).total_seconds())
        services.sweep_events()
        clock.move_to(event.try_at)

    assert pauses == [10 * 2**n for n in range(9)] + [3600]
    assert (event.tries, event.set_aside) == (10, SetAside.FAILED)
    assert event.error == "ValueError: \ufffd [hidden]"
    sweep()
    (sent,) = mail.outbox
    assert "could not be applied" in sent.subject
    assert "evt_1: ValueError" in sent.body
    assert services.sweep_events(timezone.now() + timedelta(days=1)) == 0


def test_a_database_that_is_away_is_no_fault_of_the_report(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = ProviderEvent.objects.create(event_id="evt_1", type="t")
    break_down(monkeypatch, OperationalError("gone"))

    with pytest.raises(OperationalError):
        services.sweep_events(timezone.now() + timedelta(seconds=30))

    event.refresh_from_db()
    assert (event.tries, event.error) == (0, "")


def test_a_replay_goes_on_after_failed_and_foreign_events_and_says_why(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    for notice in (
        ProviderNotice("evt_1", "t", ""),
        ProviderNotice("evt_2", "t", ""),
        ProviderNotice("evt_3", "t", "", account="acct_1"),
        ProviderNotice("evt_4", "t", "", unreadable="event.type is missing"),
        ProviderNotice("e" * 256, "t", ""),
        ProviderNotice("evt_5", "t", ""),
    ):
        gateway.notices.append((now, notice))
    break_down(monkeypatch, DataError("value too long"), "evt_2")

    code, said, printed = refused("replay_webhooks", "--since", "2h")

    assert (code, said) == (1, "2 events failed; the others were applied.")
    assert "Applied: 2." in printed
    assert "2 are set aside" in printed
    unreadable = ProviderEvent.objects.get(event_id="evt_4")
    assert (unreadable.set_aside, unreadable.error) == (
        SetAside.UNREADABLE,
        "event.type is missing",
    )
    assert ProviderEvent.objects.get(event_id="evt_2").error.startswith("DataError")
    applied = ProviderEvent.objects.filter(applied_at__isnull=False)
    assert set(applied.values_list("event_id", flat=True)) == {"evt_1", "evt_5"}

    found = replay.replay(now - timedelta(hours=1), dry_run=False)
    assert (found.applied, found.failed, found.set_aside) == (0, 2, 2)
    assert any(
        line.startswith("evt_2: DataError: value too long") for line in found.errors
    )


@pytest.mark.parametrize("reason", [SetAside.FAILED, SetAside.OTHER_MODE])
def test_a_replay_applies_what_was_set_aside_for_a_cause_that_is_mended(
    gateway: FakeGateway, reason: ProviderEvent.SetAside
) -> None:
    ProviderEvent.objects.create(
        event_id="evt_1", type="t", set_aside=reason, tries=10, error="x"
    )
    gateway.notices.append((timezone.now(), ProviderNotice("evt_1", "t", "")))

    assert "Applied: 1." in call("replay_webhooks", "--since", "2h")

    event = ProviderEvent.objects.get()
    assert event.applied_at is not None
    assert (event.set_aside, event.error) == ("", "")


def test_a_report_that_cannot_be_stored_is_not_called_a_known_one(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_fields: object) -> None:
        message = "another rule"
        raise IntegrityError(message)

    monkeypatch.setattr(ProviderEvent.objects, "create", refuse)

    with pytest.raises(IntegrityError, match="another rule"):
        services.store(ProviderNotice("evt_1", "t", ""))


def test_refused_reports_are_counted_by_cause_once_a_second(
    client: Client, gateway: FakeGateway, clock: Clock
) -> None:
    for _second in range(3):
        assert [report(client, "forged") for _again in range(5)] == [400] * 5
        clock.shift(1)

    problem = WebhookProblem.objects.get()
    assert (problem.cause, problem.times) == (Cause.BAD_SIGNATURE, 3)
    assert problem.detail == "the webhook's signature does not match"
    assert not ProviderEvent.objects.exists()


def test_after_an_hour_the_count_begins_again(clock: Clock) -> None:
    for _minute in range(4):
        problems.count(Cause.THIN_EVENT, "thin")
        clock.shift(60)
    clock.shift(3600)

    problems.count(Cause.THIN_EVENT, "thin again")

    problem = WebhookProblem.objects.get()
    assert (problem.times, problem.detail) == (1, "thin again")
    assert problem.first_at == timezone.now()
    assert problem.alerted_at is None


@pytest.mark.parametrize("cause", list(Cause))
def test_staff_are_alerted_with_the_fix_when_it_repeats(
    cause: WebhookProblem.Cause, clock: Clock, settings: Settings
) -> None:
    settings.ALERT_EMAILS = ["staff@minato-tv.example"]
    if cause in SetAside.values:
        ProviderEvent.objects.create(event_id="evt_1", type="t", set_aside=cause)
    for _minute in range(5):
        problems.count(cause, "what the last one said")
        clock.shift(60)

    sweep()

    assert Alert.objects.count() == 1
    (sent,) = mail.outbox
    title, remedy = _WHAT[cause]
    assert str(title) in sent.subject
    assert str(remedy) in sent.body
    assert "what the last one said" in sent.body
    assert [one.cause for one in problems.lately(timezone.now())] == [cause]


def test_strangers_alert_nobody_while_the_providers_own_come_in(
    client: Client, gateway: FakeGateway, clock: Clock
) -> None:
    assert report(client, "forged") == 400
    clock.shift(60)
    ProviderEvent.objects.create(event_id="evt_0", type="t", received_at=timezone.now())
    for _minute in range(5):
        report(client, "forged")
        clock.shift(60)

    assert WebhookProblem.objects.get().times == 6
    assert not Alert.objects.exists()


def test_every_reason_to_set_aside_is_counted_under_its_name() -> None:
    assert set(SetAside.values) < set(Cause.values)
    assert set(_WHAT) == set(Cause)
    assert failures.reason_to_set_aside(ProviderNotice("evt_1", "t", "pi_1")) == ""
