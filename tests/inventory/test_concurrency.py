"""Many buyers at once, on real connections and real transactions."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from inventory.errors import HoldLost, OutOfStock
from inventory.models import Hold, Movement, StockItem
from inventory.services import expire_holds, pin, receive, release, reserve, ship_out
from tests.support.invariants import assert_ledger_adds_up
from tests.support.orders import stock
from tests.support.threads import exceptions_in, run_together

LATER = datetime(2030, 1, 1, tzinfo=UTC)
SKUS = ["BAG", "CAP", "MUG", "PEN", "TEE"]

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]


def test_of_twenty_buyers_of_the_last_unit_one_wins() -> None:
    stock("MUG", 1)

    answers = run_together(
        range(20), lambda buyer: reserve(f"A-{buyer}", {"MUG": 1}, LATER)
    )

    assert len(exceptions_in(answers)) == 19
    assert {type(error) for error in exceptions_in(answers)} == {OutOfStock}
    assert StockItem.objects.get().held == 1
    assert Hold.objects.count() == 1
    assert_ledger_adds_up()


def test_forty_carts_with_overlapping_skus_neither_deadlock_nor_oversell() -> None:
    for sku in SKUS:
        stock(sku, 30)
    chance = random.Random(7)  # noqa: S311
    carts = []
    for number in range(40):
        skus = chance.sample(SKUS, 3)
        carts.append((f"A-{number}", {sku: chance.randint(1, 3) for sku in skus}))

    answers = run_together(carts, lambda cart: reserve(cart[0], cart[1], LATER))

    refused = {cart[0] for cart, answer in zip(carts, answers, strict=True) if answer}
    assert {type(error) for error in exceptions_in(answers)} <= {OutOfStock}
    for sku in SKUS:
        promised = sum(
            units.get(sku, 0) for name, units in carts if name not in refused
        )
        assert StockItem.objects.get(sku=sku).held == promised <= 30
    assert refused
    assert_ledger_adds_up()


def test_carts_that_come_and_go_at_once_leave_nothing_behind() -> None:
    for sku in SKUS:
        stock(sku, 6)
    chance = random.Random(11)  # noqa: S311

    def come_and_go(number: int) -> None:
        units = dict.fromkeys(chance.sample(SKUS, 3), 1)
        try:
            reserve(f"A-{number}", units, LATER)
        except OutOfStock:
            return
        (ship_out if number % 4 == 0 else release)(f"A-{number}")

    assert exceptions_in(run_together(range(20), come_and_go)) == []

    assert set(StockItem.objects.values_list("held", flat=True)) == {0}
    assert_ledger_adds_up()


@pytest.mark.parametrize("verb", [ship_out, pin, release])
def test_a_hold_that_expires_meanwhile_ends_exactly_once(
    verb: Callable[[str], object],
) -> None:
    # Several holds on the same SKUs: who ends one holder's units while it waits for
    # another holder's would lock up here.
    for sku in SKUS[:3]:
        stock(sku, 20)
    past = timezone.now() - timedelta(seconds=1)
    for number in range(6):
        reserve(f"A-{number}", dict.fromkeys(SKUS[:3], 2), past)

    def act(number: int | None) -> object:
        return expire_holds() if number is None else verb(f"A-{number}")

    answers = run_together([0, None, 1, 2, None, 3, 4, 5], act)

    assert {type(error) for error in exceptions_in(answers)} <= {HoldLost}
    for item in StockItem.objects.all():
        active = Hold.objects.active().filter(item=item)
        shipped = Hold.objects.filter(item=item, state=Hold.State.SHIPPED)
        assert item.held == 2 * active.count()
        assert item.on_hand == 20 - 2 * shipped.count()
    assert_ledger_adds_up()


def test_ten_clerks_who_book_the_same_delivery_book_it_once() -> None:
    answers = run_together(range(10), lambda _clerk: receive("MUG", 5, "D-1"))

    assert sorted(answers, key=str) == [False] * 9 + [True]
    assert StockItem.objects.get().on_hand == 5
    assert Movement.objects.count() == 1
