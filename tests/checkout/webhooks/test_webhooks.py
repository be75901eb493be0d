import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from checkout.payments.fake.gateway import CHALLENGED, SIGNATURE, FakeGateway
from checkout.webhooks.models import ProviderEvent
from checkout.webhooks.services import apply_event, sweep_events
from saga.engine import run
from saga.models import Saga, State
from tests.conftest import Clock
from tests.saga.broker import nobody_listens
from tests.support.invariants import assert_invariants
from tests.support.ordering import charges, place
from tests.support.threads import exceptions_in, run_together

URL = "/webhooks/stripe/"


def report(
    client: Client,
    event: str = "evt_1",
    intent: str = "pi_1",
    signature: str = SIGNATURE,
) -> int:
    body = {"id": event, "type": "payment_intent.succeeded", "intent_id": intent}
    answer = client.post(
        URL,
        json.dumps(body),
        content_type="application/json",
        headers={"Stripe-Signature": signature},
    )
    return answer.status_code


@pytest.mark.django_db
def test_a_report_without_the_right_signature_is_refused_and_not_stored(
    client: Client, gateway: FakeGateway
) -> None:
    assert report(client, signature="forged") == 400
    assert client.post(URL, "{}", content_type="application/json").status_code == 400

    assert not ProviderEvent.objects.exists()


@pytest.mark.django_db
def test_only_posts_are_taken(client: Client, gateway: FakeGateway) -> None:
    assert client.get(URL).status_code == 405


@pytest.mark.django_db
def test_a_signed_report_is_stored_and_answered_at_once(gateway: FakeGateway) -> None:
    assert report(Client(enforce_csrf_checks=True)) == 200

    event = ProviderEvent.objects.get()
    assert (event.event_id, event.intent_id) == ("evt_1", "pi_1")
    assert event.applied_at is None


@pytest.mark.django_db
def test_a_report_that_comes_twice_is_stored_once(
    client: Client, gateway: FakeGateway
) -> None:
    assert [report(client), report(client)] == [200, 200]

    assert ProviderEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_report_is_taken_while_the_broker_is_down(
    client: Client, gateway: FakeGateway
) -> None:
    with nobody_listens():
        assert report(client) == 200

    assert ProviderEvent.objects.count() == 1


@pytest.mark.django_db
def test_the_report_of_a_passed_challenge_completes_the_order(
    client: Client, gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = place(token=CHALLENGED)
    run(saga.pk)
    gateway.answer_challenge("pi_1")

    report(client)
    assert Saga.objects.main_paths().get().state == State.WAITING
    assert apply_event(ProviderEvent.objects.get().pk) is True
    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.django_db
def test_a_report_is_a_reason_to_read_and_never_the_truth(
    client: Client, gateway: FakeGateway, clock: Clock
) -> None:
    _order, saga = place(token=CHALLENGED)
    run(saga.pk)

    report(client)
    apply_event(ProviderEvent.objects.get().pk)
    run(saga.pk)

    saga.refresh_from_db()
    assert (saga.state, saga.waiting_for) == (State.WAITING, "challenge")
    assert charges(gateway) == []


@pytest.mark.django_db
def test_a_report_that_comes_during_the_call_is_not_missed(
    client: Client, gateway: FakeGateway, clock: Clock
) -> None:
    def passed_at_once() -> None:
        gateway.answer_challenge("pi_1")
        report(client)
        apply_event(ProviderEvent.objects.get().pk)

    gateway.meanwhile("confirm", passed_at_once)
    _order, saga = place(token=CHALLENGED)

    run(saga.pk)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.django_db
def test_an_event_is_applied_once(gateway: FakeGateway, clock: Clock) -> None:
    _order, saga = place(token=CHALLENGED)
    run(saga.pk)
    event = ProviderEvent.objects.create(event_id="evt_1", type="t", intent_id="pi_1")

    assert [apply_event(event.pk), apply_event(event.pk)] == [True, False]

    assert Saga.objects.main_paths().get().signals == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_an_event_that_ten_workers_take_is_applied_once(gateway: FakeGateway) -> None:
    event = ProviderEvent.objects.create(event_id="evt_1", type="t", intent_id="pi_1")

    answers = run_together(range(10), lambda _n: apply_event(event.pk))

    assert exceptions_in(answers) == []
    assert answers.count(True) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("intent", ["", "pi_of_another_shop"])
def test_an_event_of_another_shop_changes_nothing(intent: str) -> None:
    event = ProviderEvent.objects.create(event_id="evt_1", type="t", intent_id=intent)

    assert apply_event(event.pk) is True

    event.refresh_from_db()
    assert event.applied_at is not None


@pytest.mark.django_db
def test_what_no_worker_applied_the_sweeper_applies_after_a_while() -> None:
    ProviderEvent.objects.create(event_id="evt_1", type="t")
    ProviderEvent.objects.create(event_id="evt_2", type="t", applied_at=timezone.now())
    received = ProviderEvent.objects.get(event_id="evt_1").received_at

    assert sweep_events(received + timedelta(seconds=4)) == 0
    assert sweep_events(received + timedelta(seconds=5)) == 1
    assert sweep_events(received + timedelta(seconds=6)) == 0
