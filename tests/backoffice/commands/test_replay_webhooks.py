"""replay_webhooks fetches missed webhooks and applies each of them once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from checkout.payments.gateway import ProviderNotice
from checkout.webhooks.models import ProviderEvent
from saga.engine import run
from saga.models import Saga, State
from tests.conftest import Clock
from tests.support.commands import call, call_json, refused
from tests.support.invariants import assert_invariants
from tests.support.ordering import charges, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(gateway: FakeGateway, clock: Clock) -> Saga:
    """Return an order whose customer answered the bank while no webhook came in."""
    _order, saga = place(token=CHALLENGED)
    run(saga.pk)
    gateway.answer_challenge("pi_1")
    report(gateway, "evt_1")
    report(gateway, "evt_2", kind="a.type.of.next.year", intent="")
    clock.shift(60)
    return saga


def report(
    gateway: FakeGateway, event: str, kind: str = "charge.x", intent: str = "pi_1"
) -> None:
    gateway.notices.append((timezone.now(), ProviderNotice(event, kind, intent)))


def test_what_never_came_in_is_fetched_and_lets_the_order_go_on(
    gateway: FakeGateway, waiting: Saga
) -> None:
    done = call_json("replay_webhooks", "--since", "2h")

    assert {key: done[key] for key in ("seen", "missed", "waiting", "applied")} == {
        "seen": 2,
        "missed": 2,
        "waiting": 0,
        "applied": 2,
    }
    run(waiting.pk)
    assert Saga.objects.main_paths().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


def test_a_second_time_there_is_nothing_left(
    gateway: FakeGateway, waiting: Saga
) -> None:
    call("replay_webhooks", "--since", "2h")

    said = call("replay_webhooks", "--since", "2h")

    assert "0 had never come in, 0 were not applied yet. Applied: 0." in said
    assert ProviderEvent.objects.count() == 2
    assert Saga.objects.main_paths().get().signals == 1


def test_what_came_in_and_was_not_applied_is_applied(
    gateway: FakeGateway, waiting: Saga
) -> None:
    ProviderEvent.objects.create(event_id="evt_1", type="charge.x", intent_id="pi_1")

    done = call_json("replay_webhooks", "--since", "2h")

    assert (done["missed"], done["waiting"], done["applied"]) == (1, 1, 2)


def test_a_dry_run_counts_and_writes_nothing(
    gateway: FakeGateway, waiting: Saga
) -> None:
    done = call_json("replay_webhooks", "--since", "2h", "--dry-run")

    assert (done["missed"], done["applied"]) == (2, 0)
    assert not ProviderEvent.objects.exists()


def test_only_events_since_then_are_read(gateway: FakeGateway, waiting: Saga) -> None:
    moment = timezone.now() - timedelta(seconds=30)

    assert call_json("replay_webhooks", "--since", moment.isoformat())["seen"] == 0


def test_a_provider_that_does_not_answer_is_said_with_an_exit_code_of_its_own(
    gateway: FakeGateway, waiting: Saga
) -> None:
    gateway.fail("notices_since", provider.OutcomeUnknownError("no answer"))

    code, message, printed = refused("replay_webhooks", "--since", "2h")

    assert (code, printed) == (3, "")
    assert "no answer" in message


def test_the_future_is_refused(gateway: FakeGateway) -> None:
    assert refused("replay_webhooks", "--since", "2999-01-01")[0] == 2
