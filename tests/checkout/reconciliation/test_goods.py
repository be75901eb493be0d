"""Each disagreement of stock, ledger, holds and orders is found, and no other."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client
from django.utils import timezone

from checkout.payments.fake.gateway import CHALLENGED, FakeGateway
from checkout.reconciliation.kinds import NOTICES, OF_GOODS, Kind
from checkout.reconciliation.models import Mismatch
from inventory import services as inventory
from inventory.models import Hold, Movement, StockItem
from orders.transitions import returns
from saga.models import Saga, State
from tests.checkout.reconciliation.books import LATER, buy, found, look
from tests.conftest import Clock
from tests.support.catalogue import make_product
from tests.support.commands import call, refused
from tests.support.ordering import counters
from tests.support.returns import make_sent_order, outcomes, register
from tests.support.shortages import Choice, article, decide, make_shortage, replaced

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SKU = "MUG-01"
Seed = Callable[[], str]


def _hold(reference: str, *, minutes: float | None = None) -> str:
    now = timezone.now()
    until = now + timedelta(minutes=minutes) if minutes else None
    inventory.reserve(reference, {SKU: 2}, until)
    Hold.objects.filter(reference=reference).update(created_at=now)
    return reference


def _ledger() -> str:
    StockItem.objects.filter(sku=SKU).update(on_hand=F("on_hand") + 2)
    return SKU


def _held() -> str:
    StockItem.objects.filter(sku=SKU).update(held=F("held") + 1)
    return SKU


def _without_saga() -> str:
    return _hold("T-NOBODY")


def _overdue() -> str:
    return _hold("T-NOBODY", minutes=0.5)


def _passing() -> str:
    return _hold("T-PASSES", minutes=600)


def _left_behind() -> str:
    order = buy()
    Movement.objects.filter(reference=order.number).update(reference="T-OLD")
    Hold.objects.filter(reference=order.number).delete()
    _hold(order.number)
    Movement.objects.filter(reference="T-OLD").update(reference=order.number)
    return order.number


def _pinned() -> str:
    order = buy(token=CHALLENGED)
    now = timezone.now()
    Hold.objects.filter(reference=order.number).update(expires_at=None)
    Saga.objects.filter(reference=order.number).update(
        state=State.FAILED, failed_at=now, alert_wanted_at=now
    )
    return order.number


def _movement() -> str:
    _hold("T-GHOST")
    inventory.ship_out("T-GHOST")
    return "T-GHOST"


def _too_early() -> str:
    order = buy(token=CHALLENGED)
    inventory.ship_out(order.number)
    return order.number


def _not_booked() -> str:
    order = buy()
    StockItem.objects.filter(sku=SKU).update(on_hand=F("on_hand") + 1)
    Movement.objects.filter(reference=order.number).delete()
    Hold.objects.filter(reference=order.number).delete()
    return order.number


def _substitute_not_booked() -> str:
    shortage = make_shortage({SKU: 1}, shelf_is_empty=False)
    decide(shortage, Choice.SUBSTITUTE, instead=replaced(shortage, article()))
    StockItem.objects.filter(sku="CUP-01").update(on_hand=F("on_hand") + 1)
    Movement.objects.filter(kind="ship_out", item__sku="CUP-01").delete()
    return shortage.order.number


def _return_not_booked() -> str:
    returned = register(make_sent_order({SKU: 1}))
    returns.receive(returned, outcomes(returned, scrapped=1), "yuki")
    return returned.order.number


def _without_product() -> str:
    inventory.receive("MUG-OLD", 3, "opening")
    return "MUG-OLD"


def _without_stock() -> str:
    make_product("cap", skus=("CAP-01",), units=0, pictures=0)
    return "CAP-01"


SEEDS: list[tuple[Kind, Seed]] = [
    (Kind.LEDGER_DIFFERS, _ledger),
    (Kind.HELD_DIFFERS, _held),
    (Kind.HOLD_WITHOUT_SAGA, _without_saga),
    (Kind.HOLD_WITHOUT_SAGA, _overdue),
    (Kind.HOLD_PASSING, _passing),
    (Kind.HOLD_LEFT_BEHIND, _left_behind),
    (Kind.PINNED_UNPAID, _pinned),
    (Kind.MOVEMENT_WITHOUT_ORDER, _movement),
    (Kind.GOODS_WITHOUT_PAYMENT, _too_early),
    (Kind.GOODS_NOT_BOOKED, _not_booked),
    (Kind.GOODS_NOT_BOOKED, _substitute_not_booked),
    (Kind.RETURN_NOT_BOOKED, _return_not_booked),
    (Kind.STOCK_WITHOUT_PRODUCT, _without_product),
    (Kind.PRODUCT_WITHOUT_STOCK, _without_stock),
]


@pytest.fixture(autouse=True)
def stocked(gateway: FakeGateway, clock: Clock) -> None:
    make_product(skus=(SKU,), units=20, pictures=0)


def audit() -> tuple[int, Any]:
    """Run the command; return its exit code and its document."""
    out = StringIO()
    try:
        call_command("audit_stock", "--json", stdout=out)
    except CommandError as error:
        return error.returncode, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def test_counts_that_agree_are_no_mismatch(clock: Clock) -> None:
    buy()
    buy(token=CHALLENGED)
    look(clock)

    assert found() == []
    code, document = audit()
    assert (code, document["mismatches"]) == (0, [])
    (row,) = document["skus"]
    assert (row["free"], row["held"], row["sold"], row["received"]) == (18, 1, 1, 20)


@pytest.mark.parametrize(("kind", "seed"), SEEDS)
def test_one_thing_that_disagrees_is_found_alone_and_has_a_page(
    clock: Clock, kind: Kind, seed: Seed, admin_client: Client
) -> None:
    buy()
    subject = seed()
    clock.shift(LATER)

    code, document = audit()

    told = [(row["kind"], row["subject"]) for row in document["mismatches"]]
    assert told == [(kind.value, subject)]
    assert code == (0 if kind in NOTICES else 1)
    look(clock)
    row = Mismatch.objects.open().get()
    assert (row.kind, row.subject) == (kind.value, subject)
    page = admin_client.get(f"/admin/checkout/mismatch/{row.pk}/change/")
    assert page.status_code == 200


def test_everything_at_once_is_found_and_nothing_else(clock: Clock) -> None:
    buy()
    inventory.receive(SKU, 100, "enough for all")
    expected = []
    for kind, seed in SEEDS:
        if seed not in (_ledger, _held, _overdue):  # subjects that another one has
            expected.append((kind.value, seed()))
    clock.shift(LATER)

    _code, document = audit()

    told = [(row["kind"], row["subject"]) for row in document["mismatches"]]
    assert sorted(told) == sorted(expected)


def test_every_kind_about_goods_has_its_seed() -> None:
    assert {kind for kind, _seed in SEEDS} == set(OF_GOODS)


@pytest.mark.parametrize("seed", [_without_saga, _left_behind, _pinned, _passing])
def test_goods_held_without_a_saga_are_put_back_once(clock: Clock, seed: Seed) -> None:
    buy()
    subject = seed()
    clock.shift(LATER)
    _on_hand, held = counters(SKU)

    said = call("audit_stock", "--release", subject)

    assert "Put back" in said
    assert counters(SKU)[1] < held
    assert audit()[0] == 0
    code, message, _out = refused("audit_stock", "--release", subject)
    assert code == 1
    assert "nothing was put back" in message


def test_goods_of_an_order_under_way_are_never_put_back(clock: Clock) -> None:
    order = buy(token=CHALLENGED)
    clock.shift(LATER)
    before = counters(SKU)

    code, message, _out = refused("audit_stock", "--release", order.number)

    assert code == 1
    assert "a saga still needs its holds" in message
    assert counters(SKU) == before


def test_a_person_reads_what_is_wrong_and_what_helps(clock: Clock) -> None:
    buy()
    _without_saga()
    _ledger()
    clock.shift(LATER)

    _code, _message, out = refused("audit_stock")

    assert "MUG-01: 19 free + 2 held + 1 sold = 20 received  DOES NOT ADD UP" in out
    assert "2 x MUG-01 are held for T-NOBODY, which nothing processes." in out
    assert "python manage.py audit_stock --release T-NOBODY" in out


@pytest.mark.parametrize("seed", [_without_saga, _movement])
def test_a_hold_made_just_now_may_be_on_its_way(seed: Seed) -> None:
    subject = seed()
    code, document = audit()
    told = [(row["kind"], row["subject"]) for row in document["mismatches"]]
    fresh = seed is _without_saga
    assert told == ([] if fresh else [("movement_without_order", subject)])
    assert code == (0 if fresh else 1)
