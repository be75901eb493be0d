"""The drill: fifty orders broken in five ways, one operator, two clicks a group.

Everything is in this process: the provider is in memory, a clock moves the time, and
the test calls the sweeper. The operator uses only the pages of the admin.
"""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django.fixtures import Settings

from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import OutcomeUnknownError, Refused
from checkout.periodic_jobs import run_once
from inventory.models import StockItem
from inventory.services import adjust, release
from orders.models import Order
from saga.engine import run
from saga.models import Attempt, Saga, State
from tests.conftest import Clock
from tests.support.desk import Desk
from tests.support.invariants import assert_invariants
from tests.support.live_invariants import left_the_shelf, ordered, unfinished
from tests.support.ordering import charges, place
from tests.support.orders import stock

EACH = 10
MOST_CLICKS = 2
LOST = "LOST-01"
NO_ANSWER = OutcomeUnknownError("no answer")
REFUSED = Refused("parameter unknown")


@pytest.fixture(autouse=True)
def no_breaker(settings: Settings) -> None:
    # Failures in a row would open it, and the orders would wait instead of stop.
    settings.BREAKER_FAILURES = 1000


def work(clock: Clock, *, sweeps: int, seconds: int) -> None:
    """``sweeps`` times: do what is due, then let ``seconds`` pass."""
    for _sweep in range(sweeps):
        run_once()
        for saga in Saga.objects.live().filter(due_at__lte=timezone.now()):
            run(saga.pk)
        clock.shift(seconds)


def buy(sku: str) -> Order:
    """Place an order; the first order of a SKU stocks ten units."""
    order, saga = place(units={sku: 1})
    run(saga.pk)
    return order


def break_the_mail(clock: Clock, mail_dir: Path) -> None:
    """Put a file in place of the mails' folder, so that no mail can be written."""
    mail_dir.write_text("not a folder")
    for _order in range(EACH):
        buy("MAIL-01")
    work(clock, sweeps=2 * settings.SAGA_MAX_ATTEMPTS, seconds=330)
    mail_dir.unlink()


def break_the_goods(gateway: FakeGateway) -> None:
    """Remove the stock while the card is charged."""

    def fall() -> None:
        number = Order.objects.latest("pk").number
        release(number)
        free = StockItem.objects.get(sku=LOST).free
        adjust(LOST, -free, f"fell-{number}", note="fell off", actor="soko")

    for number in range(EACH):
        if number:
            stock(LOST, 1)
        gateway.meanwhile("capture", fall)
        buy(LOST)


def break_the_answers(gateway: FakeGateway, clock: Clock) -> None:
    """Capture without an answer; every second charge is made."""
    for number in range(EACH):
        gateway.fail("capture", NO_ANSWER, after=number % 2 == 1)
        buy("ECHO-01")
    retries = settings.SAGA_MAX_ATTEMPTS - 1
    for _question in range(EACH * retries):
        gateway.fail("retrieve", NO_ANSWER)
    work(clock, sweeps=retries, seconds=60)


def break_the_charges(gateway: FakeGateway) -> None:
    """Capture with a refusal as answer; every second charge is made."""
    for number in range(EACH):
        gateway.fail("capture", REFUSED, after=number % 2 == 1)
        buy("LIES-01")


def break_the_requests(gateway: FakeGateway) -> None:
    """Creating the intent is refused, so nothing is charged."""
    for _order in range(EACH):
        gateway.fail("create", REFUSED)
        buy("WORD-01")


def receive_the_goods(desk: Desk) -> None:
    item = StockItem.objects.get(sku=LOST)
    page = f"/admin/inventory/stockitem/{item.pk}/receive/"
    said = desk.click(page, quantity=str(EACH), reference="DN-77", note="sent again")
    assert f"{LOST}: now {EACH} on hand, {EACH} free." in said


def assert_each_happened_once(gateway: FakeGateway, mail_dir: Path) -> None:
    orders = list(Order.objects.all())
    taken = Counter(uid for uid, _amount in charges(gateway))
    assert taken == Counter(str(order.uid) for order in orders)
    assert len(gateway.intents) == len(orders)
    assert [order for order in orders if left_the_shelf(order) != ordered(order)] == []
    mails = "".join(file.read_text() for file in mail_dir.glob("*"))
    sent = Counter(re.findall(r"^Message-ID: <(\w+)@", mails, re.MULTILINE))
    assert sent == Counter(order.uid.hex for order in orders)


@pytest.mark.django_db(transaction=True)
def test_one_operator_clears_fifty_orders_broken_in_five_ways(
    gateway: FakeGateway,
    clock: Clock,
    mail_dir: Path,
) -> None:
    break_the_mail(clock, mail_dir)
    break_the_goods(gateway)
    break_the_answers(gateway, clock)
    break_the_charges(gateway)
    break_the_requests(gateway)
    work(clock, sweeps=1, seconds=1)
    assert Saga.objects.failed().count() == Order.objects.count() == 5 * EACH
    assert_invariants(charges(gateway))

    desk = Desk()
    groups = desk.groups()
    assert len(groups) == 5
    for page in groups:
        before = desk.clicks
        shown = desk.look(page)
        assert f"Resume these {EACH} orders" in shown
        if LOST in shown:
            receive_the_goods(desk)
        desk.click(page, reason="repaired")
        assert desk.clicks - before <= MOST_CLICKS
    work(clock, sweeps=EACH, seconds=2)

    assert desk.groups() == []
    assert "No orders need attention." in desk.look("/admin/")
    assert set(Saga.objects.values_list("state", flat=True)) == {State.DONE}
    acts = Attempt.objects.filter(outcome=Attempt.Outcome.RESUMED)
    resumed = acts.values_list("saga__reference", "actor", "note")
    orders = Order.objects.values_list("number", flat=True)
    assert sorted(resumed) == sorted(
        (number, desk.name, "repaired") for number in orders
    )
    assert_each_happened_once(gateway, mail_dir)
    assert unfinished() == []
    assert_invariants(charges(gateway), ended=True)
