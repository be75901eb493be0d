"""A host with a wrong clock stores the times that any other host would store."""

from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import models, transaction

from checkout.aftersales.dispatch import ship
from checkout.aftersales.disputes.services import sweep_disputes
from checkout.aftersales.refunds.services import settle, sweep_refunds
from checkout.announcements import services as announcements
from checkout.flow.definition import CHECKOUT
from checkout.mail.outbox import sweep_mails
from checkout.payments import gateway as provider
from checkout.payments.fake.gateway import FakeGateway
from checkout.periodic_jobs import tidy
from checkout.webhooks.models import ProviderEvent
from checkout.webhooks.services import apply_event, sweep_events
from inventory.services import expire_holds
from orders.models import Order, Shortage
from saga import operations
from saga.engine import run
from saga.heartbeat import beat
from saga.sweeper import sweep
from shop import database_clock
from tests.support.clock import wrong_clock
from tests.support.ordering import place
from tests.support.orders import stock
from tests.support.refunding import make_charged_order, make_refund
from tests.support.shortages import decide, make_shortage

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

APPS = ("saga", "inventory", "orders", "checkout")
# Written with times of the outside, which has clocks of its own.
FOREIGN = {"orders.Payment.capture_before"}
# Far enough that no deadline of one clock is near one of the other.
OFFSET = timedelta(hours=5, minutes=17)

Times = dict[str, list[float]]


def stored_times() -> Times:
    """Return field -> minutes from now, of every time in the tables."""
    now = database_clock.read()
    found: Times = {}
    tables = [table for app in APPS for table in apps.get_app_config(app).get_models()]
    for model in tables:
        for field in model._meta.get_fields():
            name = f"{model._meta.label}.{field.name}"
            if isinstance(field, models.DateTimeField) and name not in FOREIGN:
                values = model._default_manager.values_list(field.name, flat=True)
                found[name] = sorted(_minutes(value, now) for value in values if value)
    return found


def _minutes(value: datetime, now: datetime) -> float:
    return (value - now).total_seconds() / 60


def live(gateway: FakeGateway) -> None:
    """Do everything that writes times: buy, fail, wait, cancel, refund, sweep, tidy."""
    stock("MUG-01", 100)
    order = make_charged_order()
    ship(order, carrier="yamato", tracking_number="1", actor="yuki")
    settle(make_refund(order, 100).pk)
    decide(make_shortage(shelf_is_empty=False), Shortage.Choice.WAIT)
    _declined, waiting = place(token="pm_card_visa_chargeDeclined")
    run(waiting.pk)
    _away(gateway)
    _stop_and_resume(gateway)
    cancelled_order, cancelled = place()
    operations.cancel(cancelled, "yuki", "the customer called")
    run(cancelled.pk)
    announcements.lift(announcements.pause("yuki", "stocktaking"), "yuki", "done")
    event = ProviderEvent.objects.create(event_id="evt_1", type="charge.updated")
    apply_event(event.pk)
    _sweep()
    assert Order.objects.get(pk=cancelled_order.pk).cancelled_at


def _away(gateway: FakeGateway) -> None:
    for _order in range(4):
        gateway.fail("create", provider.OutcomeUnknownError("no answer"))
        _placed, saga = place()
        run(saga.pk)


def _stop_and_resume(gateway: FakeGateway) -> None:
    for _order in range(2):
        gateway.fail("create", provider.Refused("no such account"))
    _placed, stopped = place(units={"CAP-01": 1})
    run(stopped.pk)
    _placed, resumed = place(units={"PEN-01": 1})
    run(resumed.pk)
    resumed.refresh_from_db()
    operations.resume(resumed, "yuki", "the account is open")
    operations.wake(CHECKOUT, stopped.reference)


def _sweep() -> None:
    beat("sweeper")
    for job in (sweep, expire_holds, sweep_events, sweep_mails, sweep_refunds):
        job()
    sweep_disputes()
    tidy(database_clock.read())


def test_no_stored_time_comes_from_a_clock_that_is_wrong(gateway: FakeGateway) -> None:
    with wrong_clock(OFFSET), transaction.atomic():
        live(gateway)
        wrong = stored_times()
        transaction.set_rollback(True)
    FakeGateway.__init__(gateway)

    live(gateway)

    right = stored_times()
    assert sum(len(values) for values in right.values()) > 100
    for name, values in right.items():
        assert wrong[name] == pytest.approx(values, abs=1.5), name
