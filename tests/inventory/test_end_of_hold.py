from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from inventory.errors import HoldLost
from inventory.models import Hold, Movement, StockItem
from inventory.services import expire_holds, pin, release, reserve, ship_out
from shop import database_clock
from tests.support.clock import wrong_clock
from tests.support.orders import stock
from tests.support.statements import before_first_update

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def held() -> str:
    """Hold two mugs and a cap for order A-1."""
    stock("CAP", 4)
    stock("MUG", 4)
    reserve("A-1", {"CAP": 1, "MUG": 2}, SOON)
    return "A-1"


def counters() -> dict[str, tuple[int, int]]:
    return {item.sku: (item.on_hand, item.held) for item in StockItem.objects.all()}


def states() -> list[str]:
    return list(Hold.objects.order_by("item__sku").values_list("state", flat=True))


def lose_one(reference: str) -> None:
    """Let only the hold of the cap expire."""
    Hold.objects.filter(reference=reference, item__sku="CAP").update(expires_at=NOW)
    assert expire_holds(NOW) == 1


def test_releasing_puts_the_units_back(held: str) -> None:
    assert release(held) == 3

    assert counters() == {"CAP": (4, 0), "MUG": (4, 0)}
    assert states() == ["released", "released"]


def test_releasing_twice_puts_them_back_once(held: str) -> None:
    release(held)

    assert release(held) == 0

    assert counters() == {"CAP": (4, 0), "MUG": (4, 0)}


def test_releasing_leaves_the_holds_of_others_alone(held: str) -> None:
    reserve("A-2", {"MUG": 1}, SOON)

    release(held)

    assert counters() == {"CAP": (4, 0), "MUG": (4, 1)}


def test_a_pinned_hold_is_released_all_the_same(held: str) -> None:
    pin(held)

    assert release(held) == 3

    assert counters() == {"CAP": (4, 0), "MUG": (4, 0)}


def test_an_overdue_hold_expires_and_its_units_are_free_again(held: str) -> None:
    assert expire_holds(SOON) == 2

    assert counters() == {"CAP": (4, 0), "MUG": (4, 0)}
    assert states() == ["expired", "expired"]


def test_expiring_twice_ends_a_hold_once(held: str) -> None:
    expire_holds(SOON)

    assert expire_holds(SOON) == 0

    assert counters() == {"CAP": (4, 0), "MUG": (4, 0)}


def test_a_hold_does_not_expire_before_its_time(held: str) -> None:
    assert expire_holds(SOON - timedelta(seconds=1)) == 0

    assert counters() == {"CAP": (4, 1), "MUG": (4, 2)}


def test_expiring_stops_at_the_limit_and_takes_the_oldest_first(held: str) -> None:
    reserve("A-0", {"MUG": 1}, NOW)

    assert expire_holds(SOON, limit=1) == 1

    assert Hold.objects.get(reference="A-0").state == Hold.State.EXPIRED
    assert counters() == {"CAP": (4, 1), "MUG": (4, 2)}


def test_a_pinned_hold_never_expires(held: str) -> None:
    pin(held)

    assert expire_holds(NOW + timedelta(days=365)) == 0

    assert counters() == {"CAP": (4, 1), "MUG": (4, 2)}


def test_pinning_twice_is_pinning_once(held: str) -> None:
    pin(held)
    pin(held)

    assert set(Hold.objects.values_list("expires_at", flat=True)) == {None}
    assert counters() == {"CAP": (4, 1), "MUG": (4, 2)}


def test_pinning_is_refused_when_any_of_the_hold_is_gone(held: str) -> None:
    lose_one(held)

    with pytest.raises(HoldLost) as refusal:
        pin(held)

    assert refusal.value.reference == held
    assert Hold.objects.get(item__sku="MUG").expires_at == SOON
    assert counters() == {"CAP": (4, 0), "MUG": (4, 2)}


def test_shipping_out_turns_the_hold_into_movements(held: str) -> None:
    assert ship_out(held) == 3

    assert counters() == {"CAP": (3, 0), "MUG": (2, 0)}
    assert states() == ["shipped", "shipped"]
    moved = Movement.objects.filter(kind=Movement.Kind.SHIP_OUT).order_by("item__sku")
    assert list(moved.values_list("reference", "item__sku", "quantity")) == [
        ("A-1", "CAP", -1),
        ("A-1", "MUG", -2),
    ]


def test_shipping_out_twice_moves_once(held: str) -> None:
    ship_out(held)

    assert ship_out(held) == 0

    assert counters() == {"CAP": (3, 0), "MUG": (2, 0)}
    assert Movement.objects.filter(kind=Movement.Kind.SHIP_OUT).count() == 2


def test_shipping_out_is_refused_when_any_of_the_hold_is_gone(held: str) -> None:
    Hold.objects.filter(item__sku="MUG").update(expires_at=NOW)
    expire_holds(NOW)

    with pytest.raises(HoldLost):
        ship_out(held)

    assert counters() == {"CAP": (4, 1), "MUG": (4, 0)}
    assert states() == ["active", "expired"]
    assert not Movement.objects.filter(kind=Movement.Kind.SHIP_OUT).exists()


@pytest.mark.parametrize("verb", [ship_out, pin])
def test_a_hold_that_never_was_is_lost(verb: Callable[[str], object]) -> None:
    with pytest.raises(HoldLost) as refusal:
        verb("nobody")

    assert refusal.value.reference == "nobody"


@pytest.mark.both_databases
@pytest.mark.parametrize("verb", [ship_out, pin])
def test_a_hold_that_expires_after_it_was_read_is_lost(
    held: str, verb: Callable[[str], object]
) -> None:
    with (
        before_first_update(lambda: lose_one(held)),
        pytest.raises(HoldLost) as refusal,
        transaction.atomic(),
    ):
        verb(held)

    assert refusal.value.reference == held
    assert not Movement.objects.filter(kind=Movement.Kind.SHIP_OUT).exists()
    assert Hold.objects.get(item__sku="MUG").expires_at == SOON


def test_what_was_shipped_out_is_neither_released_nor_expired(held: str) -> None:
    ship_out(held)

    assert release(held) == 0
    assert expire_holds(SOON) == 0

    assert counters() == {"CAP": (3, 0), "MUG": (2, 0)}


@pytest.mark.both_databases
@pytest.mark.parametrize("until", [SOON + timedelta(minutes=30), None])
def test_a_hold_renewed_after_the_sweeper_read_it_does_not_expire(
    held: str, until: datetime | None
) -> None:
    """The sweeper has read both holds as expired. Then the saga renews or pins them."""
    with before_first_update(lambda: reserve(held, {"CAP": 1, "MUG": 2}, until)):
        expired = expire_holds(SOON)

    assert expired == 0
    assert states() == ["active", "active"]
    assert counters() == {"CAP": (4, 1), "MUG": (4, 2)}


@pytest.mark.both_databases
@pytest.mark.parametrize("minutes", [5, -5])
def test_holds_expire_by_the_database_clock_on_a_host_with_another(
    minutes: int,
) -> None:
    stock("CAP", 4)
    now = database_clock.read()
    reserve("A-1", {"CAP": 1}, now + timedelta(minutes=2))
    reserve("A-2", {"CAP": 2}, now - timedelta(minutes=2))

    with wrong_clock(timedelta(minutes=minutes)):
        assert expire_holds() == 1

    active = Hold.objects.active().values_list("reference", flat=True)
    assert list(active) == ["A-1"]
    assert counters() == {"CAP": (4, 1)}
