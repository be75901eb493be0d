"""Staff try webhooks again that were not taken, and read what became of them."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.roles import GROUPS
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import OutcomeUnknownError, ProviderNotice
from checkout.webhooks import problems, second_chance, services
from checkout.webhooks.models import ProviderEvent, WebhookProblem
from checkout.webhooks.replay import replay
from tests.backoffice.answers import messages, text_of
from tests.support.staff import make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LIST = "/admin/checkout/webhookproblem/"
RETRY = f"{LIST}retry/"


@pytest.fixture
def clerk(client: Client, gateway: FakeGateway) -> Client:
    """Return a client who may try webhooks again."""
    client.force_login(make_staff("view_webhookproblem", "retry_webhookproblem"))
    return client


def problem(cause: str) -> WebhookProblem:
    now = timezone.now()
    return WebhookProblem.objects.create(cause=cause, first_at=now, last_at=now)


def failed(name: str) -> ProviderEvent:
    return ProviderEvent.objects.create(
        event_id=name, type="t", set_aside="failed", tries=10, error="DataError: long"
    )


def at_stripe(gateway: FakeGateway, *names: str, hours: float = 1) -> None:
    then = timezone.now() - timedelta(hours=hours)
    gateway.notices += [(then, ProviderNotice(name, "t", "")) for name in names]


def press(client: Client, *problems: WebhookProblem) -> list[str]:
    answer = client.post(RETRY, {"problem": [row.pk for row in problems]}, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    return messages(answer)


def applied() -> set[str]:
    rows = ProviderEvent.objects.filter(applied_at__isnull=False, set_aside="")
    return set(rows.values_list("event_id", flat=True))


def test_events_that_failed_are_applied_from_here(
    clerk: Client, gateway: FakeGateway
) -> None:
    failed("evt_1")
    failed("evt_2")
    row = problem("failed")

    assert press(clerk, row) == ["2 events were applied."]
    assert press(clerk, row) == ["Nothing was left to be applied."]

    assert applied() == {"evt_1", "evt_2"}
    assert gateway.count("notices_since") == 0


def test_one_that_fails_again_is_named_and_the_others_are_applied(
    clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, _good = failed("evt_bad"), failed("evt_good")
    apply_event = services.apply_event

    def refuse_one(event_pk: int) -> bool:
        if event_pk == bad.pk:
            message = "still too long"
            raise ValueError(message)
        return apply_event(event_pk)

    monkeypatch.setattr(services, "apply_event", refuse_one)

    assert press(clerk, problem("failed")) == [
        "1 event was applied.",
        "Failed again: evt_bad: ValueError: still too long",
    ]
    bad.refresh_from_db()
    assert (bad.set_aside, bad.tries, bad.applied_at) == ("", 1, None)


@pytest.mark.parametrize("cause", sorted(set(WebhookProblem.Cause.values) - {"failed"}))
def test_those_that_were_refused_are_read_at_stripe(
    clerk: Client, gateway: FakeGateway, cause: str
) -> None:
    at_stripe(gateway, "evt_lost")
    # Stripe sends a report again for three days.
    at_stripe(gateway, "evt_early", hours=71)
    at_stripe(gateway, "evt_old", hours=73)

    row = problem(cause)
    assert press(clerk, row) == ["2 events were applied."]
    assert press(clerk, row) == ["Nothing was left to be applied."]

    assert applied() == {"evt_lost", "evt_early"}


def test_what_must_not_be_applied_stays_aside(
    clerk: Client, gateway: FakeGateway
) -> None:
    notice = ProviderNotice("evt_other", "t", "", account="acct_other")
    gateway.notices.append((timezone.now(), notice))

    assert press(clerk, problem("other_account")) == [
        "Nothing was left to be applied.",
        "1 event is still set aside: see the list of Stripe events.",
    ]
    assert applied() == set()


def test_when_stripe_does_not_answer_what_was_applied_stays(
    clerk: Client, gateway: FakeGateway
) -> None:
    failed("evt_1")
    gateway.fail("notices_since", OutcomeUnknownError("no answer"))

    assert press(clerk, problem("failed"), problem("ThinEvent")) == [
        "1 event was applied.",
        "Stripe did not answer: no answer. What was applied stays.",
    ]
    assert applied() == {"evt_1"}


def test_nobody_waits_for_long(
    clerk: Client, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_stripe(gateway, "evt_1")
    monkeypatch.setattr(second_chance, "PATIENCE", timedelta(seconds=-1))

    _nothing, left = press(clerk, problem("BadSignature"))

    assert "run replay_webhooks --since 20" in left


def test_so_many_that_failed_are_tried_in_turns(
    clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_chance, "STORED_AT_MOST", 1)
    failed("evt_1")
    failed("evt_2")
    row = problem("failed")

    assert press(clerk, row) == [
        "1 event was applied.",
        "Not all were tried, there are too many: press it once more.",
    ]
    assert press(clerk, row) == ["1 event was applied."]


def test_the_page_says_beforehand_what_will_be_tried_and_changes_nothing(
    clerk: Client, gateway: FakeGateway
) -> None:
    failed("evt_1")
    rows = problem("failed"), problem("BadSignature")
    button = f'href="{RETRY}?problem={rows[0].pk}"'
    assert button in clerk.get(f"{LIST}{rows[0].pk}/change/").content.decode()

    page = text_of(clerk.get(RETRY, {"problem": [row.pk for row in rows]}))

    assert "Will apply the events that failed once more." in page
    assert "Will read Stripe's own list of events" in page.replace("&#x27;", "'")
    assert applied() == set()
    assert gateway.calls == []


def test_several_are_chosen_in_the_list(clerk: Client) -> None:
    rows = [problem("failed"), problem("BadSignature")]
    chosen = [row.pk for row in rows]
    answer = clerk.post(
        LIST, {"action": "retry_selected", "_selected_action": chosen}, follow=False
    )
    address = urlsplit(answer["Location"])
    assert address.path == RETRY
    assert parse_qs(address.query)["problem"] == [str(pk) for pk in chosen]


@pytest.mark.parametrize("sent", [[], ["x"], ["4711"], ["9" * 40]])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_gone_is_no_error(clerk: Client, method: str, sent: list[str]) -> None:
    answer = getattr(clerk, method)(RETRY, {"problem": sent})
    assert "There is nothing to try again here." in text_of(answer)


def test_it_needs_its_permission_which_operators_have(client: Client) -> None:
    client.force_login(make_staff("view_webhookproblem", name="miru"))
    failed("evt_1")
    row = problem("failed")

    for answer in (
        client.get(RETRY, {"problem": row.pk}),
        client.post(RETRY, {"problem": row.pk}),
    ):
        assert answer.status_code == 403
    pages = [
        client.get(url).content.decode() for url in (LIST, f"{LIST}{row.pk}/change/")
    ]
    assert not [page for page in pages if "retry" in page]
    assert applied() == set()
    assert "checkout.retry_webhookproblem" in GROUPS["Operator"]
    assert "checkout.retry_webhookproblem" not in GROUPS["Viewer"]


def test_it_speaks_japanese(clerk: Client) -> None:
    failed("evt_1")
    answer = clerk.post(
        RETRY,
        {"problem": problem("failed").pk},
        headers={"Accept-Language": "ja"},
        follow=True,
    )
    assert messages(answer) == ["1件のイベントを処理しました。"]


def alerted(cause: str) -> WebhookProblem:
    row = problem(cause)
    WebhookProblem.objects.update(alerted_at=row.last_at)
    return row


def named_on_the_first_page() -> list[str]:
    return [row.cause for row in problems.lately(timezone.now())]


def test_a_problem_leaves_the_first_page_with_the_last_of_its_events(
    clerk: Client,
) -> None:
    failed("evt_1")
    row = alerted("failed")
    assert named_on_the_first_page() == ["failed"]

    press(clerk, row)

    assert named_on_the_first_page() == []


def test_refused_reports_leave_the_first_page_once_all_were_read(
    clerk: Client, gateway: FakeGateway
) -> None:
    row = alerted("BadSignature")
    at_stripe(gateway, "evt_1")
    gateway.fail("notices_since", OutcomeUnknownError("no answer"))
    press(clerk, row)
    assert named_on_the_first_page() == ["BadSignature"]

    press(clerk, row)
    assert named_on_the_first_page() == []


def test_a_replay_that_began_before_the_last_refusal_settles_nothing(
    clerk: Client, gateway: FakeGateway
) -> None:
    row = alerted("BadSignature")
    later = timezone.now() + timedelta(minutes=1)
    WebhookProblem.objects.update(last_at=later)

    press(clerk, row)

    assert named_on_the_first_page() == ["BadSignature"]


def test_a_dry_run_settles_nothing(gateway: FakeGateway) -> None:
    row = alerted("ThinEvent")

    replay(row.first_at, dry_run=True)

    assert named_on_the_first_page() == ["ThinEvent"]
