"""A run from beginning to end: record, alert, break off, start again."""

import csv
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from checkout.reconciliation import notices
from checkout.reconciliation import run as runs
from checkout.reconciliation.kinds import Kind
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from checkout.reconciliation.run import JOB, Stopped, reconcile, reconcile_if_due
from checkout.reconciliation.store import explain
from orders.models import Order, Payment
from saga.alerting import alert_staff
from saga.engine import run as run_saga
from saga.models import Alert, AlertDelivery, PeriodicJob, Saga, State
from tests.checkout.reconciliation.books import (
    LATER,
    buy,
    change,
    found,
    look,
    pay_elsewhere,
    saga_of,
)
from tests.conftest import Clock
from tests.support.commands import call, call_json, refused
from tests.support.ordering import place
from tests.support.orders import make_order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DAY = 86_400


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway, clock: Clock) -> None:
    """Use the fake provider and a clock that stands still in every test."""


# --- what is kept ---------------------------------------------------------------------


def test_a_mismatch_that_is_gone_is_resolved_and_is_new_if_it_comes_back(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = buy()
    change(gateway, order, received=1)
    assert look(clock).fresh == 1
    change(gateway, order, received=order.total_minor)

    again = look(clock)

    assert (again.found, again.fresh, again.resolved) == (0, 0, 1)
    assert found() == []
    change(gateway, order, received=1)
    assert look(clock).fresh == 1
    assert Mismatch.objects.count() == 2


def test_an_old_mismatch_is_compared_again(gateway: FakeGateway, clock: Clock) -> None:
    order = buy()
    change(gateway, order, received=1)
    stray = pay_elsewhere(gateway, "")
    look(clock)
    clock.shift(90 * DAY)

    look(clock)

    assert sorted(found()) == [
        ("amount_differs", order.number),
        ("charge_without_order", ""),
    ]
    change(gateway, order, received=order.total_minor)
    gateway.refund_elsewhere(stray, 2400)
    look(clock)
    assert found() == []


def test_an_explained_mismatch_stays_explained_until_it_changes(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = buy()
    change(gateway, order, received=1)
    look(clock)
    (row,) = Mismatch.objects.all()
    explain(row, "kane", "the rest was paid in cash")

    assert look(clock).fresh == 0
    assert not Mismatch.objects.unexplained().exists()

    change(gateway, order, received=2)
    assert look(clock).fresh == 1
    (new,) = Mismatch.objects.open()
    assert (new.explained_at, new.facts["there_minor"]) == (None, 2)


def test_a_run_that_is_broken_off_keeps_what_it_found_and_resolves_nothing(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = buy()
    change(gateway, order, received=1)
    look(clock)
    change(gateway, order, received=order.total_minor)
    gateway.fail("list", provider.OutcomeUnknownError("no answer"))

    with pytest.raises(provider.OutcomeUnknownError):
        look(clock)

    run = ReconciliationRun.objects.first()
    assert run is not None
    assert run.finished_at is None
    assert run.error == "OutcomeUnknownError: no answer"
    assert found() == [("amount_differs", order.number)]


def test_a_key_of_another_account_is_an_error_and_not_fifty_mismatches(
    gateway: FakeGateway, clock: Clock
) -> None:
    for number in range(50):
        order = make_order()
        Payment.objects.filter(order=order).update(intent_id=f"pi_{number}_elsewhere")
    Order.objects.update(placed_at=timezone.now())

    with pytest.raises(provider.Misconfigured, match="STRIPE_SECRET_KEY"):
        look(clock)

    assert Mismatch.objects.count() < 50


# --- what is under way ----------------------------------------------------------------


def test_at_every_step_of_an_order_nothing_is_reported(
    gateway: FakeGateway, clock: Clock
) -> None:
    """Between any two calls of the provider, Stripe and our books may differ."""
    seen: list[list[tuple[str, str]]] = []

    def look_now() -> None:
        reconcile(timezone.now() - timedelta(days=2))
        seen.append(found())

    for call_ in ("create", "confirm", "capture"):
        gateway.meanwhile(call_, look_now, after=False)
    _order, saga = place()
    run_saga(saga.pk)
    look_now()
    for call_ in ("create", "confirm", "capture"):
        gateway.meanwhile(call_, look_now, after=True)
    _order, saga = place()
    run_saga(saga.pk)
    look_now()

    assert seen == [[]] * 8


def test_an_order_that_waits_for_its_customer_is_under_way_for_hours(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = buy(token=CHALLENGED)
    Saga.objects.update(due_at=timezone.now() + timedelta(days=3))
    clock.shift(DAY)
    look(clock)
    assert found() == []

    order.payment.refresh_from_db()
    gateway.answer_challenge(order.payment.intent_id or "")
    reconcile(timezone.now() - timedelta(days=7))
    assert found() == [], "the webhook may be on its way"

    look(clock)
    assert found() == [("saga_behind", order.number)]


def test_waking_lets_the_order_go_on_and_charges_once(
    gateway: FakeGateway, clock: Clock
) -> None:
    order = buy(token=CHALLENGED)
    Saga.objects.update(due_at=timezone.now() + timedelta(days=3))
    order.payment.refresh_from_db()
    gateway.answer_challenge(order.payment.intent_id or "")
    clock.shift(LATER)

    code, _message, out = refused("reconcile_payments", "--wake")

    assert code == 1
    assert "Woken: " in out
    run_saga(saga_of(order).pk)
    assert saga_of(order).state == State.DONE
    assert gateway.count("capture") == 1
    look(clock)
    assert found() == []


# --- who is told ----------------------------------------------------------------------


def test_new_mismatches_raise_one_alert(
    gateway: FakeGateway, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    order = buy()
    change(gateway, order, received=1)
    look(clock)
    alert_staff(timezone.now())

    assert "Reconciliation: 1 thing does not agree" in caplog.text
    assert f"Order {order.number}: ¥1 at Stripe, ¥2,400 in our books." in caplog.text
    assert "/admin/checkout/mismatch/" in caplog.text
    look(clock)
    assert Alert.objects.count() == 1
    assert not AlertDelivery.objects.filter(delivered_at=None).exists()


@pytest.mark.parametrize(
    ("kinds", "title"),
    [
        (["unreadable_payment"], "1 object at Stripe cannot be read"),
        (["unreadable_refund"] * 2, "2 objects at Stripe cannot be read"),
        (["amount_differs"] * 2, "2 things do not agree"),
        (
            ["amount_differs", "unreadable_dispute"],
            "1 thing does not agree, 1 object at Stripe cannot be read",
        ),
    ],
)
def test_the_title_tells_what_differs_from_what_cannot_be_read(
    kinds: list[str], title: str, clock: Clock
) -> None:
    now = timezone.now()
    alert = Alert.objects.create(
        kind=Alert.Kind.NOTICE, topic="reconciliation 1", opened_at=now, ends_at=now
    )
    for number, kind in enumerate(kinds):
        Mismatch.objects.create(
            kind=kind,
            subject=f"pi_{number}",
            facts={"id": "pi_1", "why": "odd"},
            first_seen=now,
            last_seen=now,
            alerted_at=now,
        )

    assert notices.write(alert)[0] == f"Reconciliation: {title}"


def test_notices_raise_no_alert(clock: Clock) -> None:
    order = buy()
    now = timezone.now()
    Saga.objects.update(
        state=State.FAILED, finished_at=None, failed_at=now, alert_wanted_at=now
    )
    Order.objects.filter(pk=order.pk).update(status="pending")
    look(clock)

    assert ("charged_stopped", order.number) in found()
    told = Alert.objects.filter(topic__startswith="reconciliation")
    assert told.count() == 1  # of the goods that left too early, and of nothing else
    names = Mismatch.objects.filter(alerted_at__isnull=False)
    assert list(names.values_list("kind", flat=True)) == ["goods_without_payment"]


# --- by itself ------------------------------------------------------------------------


def test_one_of_several_processes_reconciles_once_a_day(clock: Clock) -> None:
    first = reconcile_if_due(timezone.now())
    assert first is not None
    assert first.scheduled
    assert reconcile_if_due(timezone.now()) is None
    clock.shift(DAY - 1)
    assert reconcile_if_due(timezone.now()) is None
    clock.shift(1)
    assert reconcile_if_due(timezone.now()) is not None


def test_the_schedule_can_be_switched_off(settings: Settings) -> None:
    settings.RECONCILE_HOURS = 0
    assert reconcile_if_due(timezone.now()) is None


def test_after_a_failure_it_is_tried_again_soon(
    gateway: FakeGateway, clock: Clock
) -> None:
    gateway.fail("list", provider.NotNow("patience"))
    with pytest.raises(provider.NotNow):
        reconcile_if_due(timezone.now())
    assert reconcile_if_due(timezone.now()) is None
    clock.shift(runs.RETRY_AFTER.total_seconds())
    assert reconcile_if_due(timezone.now()) is not None


def test_a_run_whose_process_died_is_started_again(clock: Clock) -> None:
    now = timezone.now()
    PeriodicJob.objects.create(name=JOB, done_at=now)
    dead = ReconciliationRun.objects.create(
        since=now, until=now, scheduled=True, started_at=now, seen_at=now
    )
    clock.shift(runs.SILENT_AFTER.total_seconds())
    assert reconcile_if_due(timezone.now()) is None
    clock.shift(1)

    assert reconcile_if_due(timezone.now()) is not None

    dead.refresh_from_db()
    assert dead.error == "its process ended"


def test_the_run_stops_with_its_process(gateway: FakeGateway, clock: Clock) -> None:
    buy()
    ended = threading.Event()
    ended.set()
    with pytest.raises(Stopped):
        reconcile_if_due(timezone.now(), ended)
    run = ReconciliationRun.objects.get()
    assert run.broken_at is not None


# --- by command -----------------------------------------------------------------------


def test_the_command_says_that_all_agrees(clock: Clock) -> None:
    buy()
    clock.shift(LATER)

    document = call_json("reconcile_payments", "--since", "24h")

    assert (document["intents"], document["mismatches"]) == (1, [])
    assert "0 mismatches" in call("reconcile_payments", "--since", "2029-12-31")


def test_the_command_names_each_mismatch_with_its_remedy(
    gateway: FakeGateway, clock: Clock, tmp_path: Path
) -> None:
    order = buy()
    change(gateway, order, received=1)
    clock.shift(LATER)
    file = tmp_path / "table.csv"

    code, message, out = refused("reconcile_payments", "--csv", str(file))

    assert code == 1
    assert message == "1 unexplained: settle them, or explain them in the admin"
    assert "[urgent] amount differs: Order" in out
    with file.open(encoding="utf-8-sig", newline="") as table:
        (row,) = csv.DictReader(table)
    assert (row["kind"], row["order"]) == ("amount_differs", order.number)
    explain(Mismatch.objects.get(), "kane", "a gift")
    document = call_json("reconcile_payments")
    assert document["mismatches"][0]["note"] == "a gift"


def test_the_command_says_when_stripe_does_not_answer(gateway: FakeGateway) -> None:
    gateway.fail("list", provider.OutcomeUnknownError("no answer"))
    code, message, _out = refused("reconcile_payments")
    assert code == 3
    assert message.startswith("Broken off: no answer.")


def test_a_table_that_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path,
) -> None:
    code, message, _out = refused(
        "reconcile_payments", "--csv", str(tmp_path / "no" / "such.csv")
    )
    assert code == 2
    assert "No such file or directory" in message
    assert not ReconciliationRun.objects.exists()


def test_a_time_to_come_is_refused() -> None:
    assert refused("reconcile_payments", "--since", "2040-01-01")[0] == 2


def test_the_runbook_knows_every_kind() -> None:
    runbook = Path(__file__).parents[3] / "docs" / "operations" / "README.md"
    text = runbook.read_text()
    assert [kind.value for kind in Kind if f"`{kind.value}`" not in text] == []
    assert "## An alert says that something does not agree" in text
