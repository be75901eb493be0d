"""What may be set aside for customers who have not paid yet, and who frees it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Hold, StockItem
from inventory.parking import ParkLimits, forget_origins, free, park
from inventory.services import expire_holds, pin, release, reserve
from tests.support.orders import stock
from tests.support.statements import before_first_update
from tests.support.threads import run_together

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SOON = NOW + timedelta(minutes=30)
MINUTES = NOW + timedelta(minutes=5)
LIMITS = ParkLimits(percent=50, percent_of_origin=20)

pytestmark = pytest.mark.django_db


def held(sku: str = "MUG") -> int:
    return StockItem.objects.get(sku=sku).held


def order(reference: str, units: dict[str, int]) -> str:
    reserve(reference, units, SOON)
    return reference


def test_a_parked_hold_ends_when_it_is_said_to() -> None:
    stock("MUG", 10)

    assert park(order("A-1", {"MUG": 2}), MINUTES, "203.0.113.7", LIMITS)

    hold = Hold.objects.get()
    assert (hold.is_parked, hold.origin) == (True, "203.0.113.7")
    assert hold.expires_at == MINUTES
    assert expire_holds(MINUTES) == 1
    assert held() == 0


def test_one_address_keeps_no_more_than_its_share_unpaid() -> None:
    stock("MUG", 20)
    assert park(order("A-1", {"MUG": 3}), MINUTES, "203.0.113.7", LIMITS)

    assert not park(order("A-2", {"MUG": 2}), MINUTES, "203.0.113.7", LIMITS)

    assert held() == 3
    assert park(order("A-3", {"MUG": 2}), MINUTES, "198.51.100.1", LIMITS)


@pytest.mark.parametrize(
    ("on_hand", "together", "of_origin"),
    [(1, 5, 3), (19, 9, 3), (20, 10, 4), (21, 10, 4), (505, 252, 101)],
)
def test_shares_are_whole_units_rounded_down(
    on_hand: int, together: int, of_origin: int
) -> None:
    shares = (LIMITS.together(on_hand), LIMITS.of_origin(on_hand))

    assert repr(shares) == repr((together, of_origin))


def test_one_address_keeps_exactly_its_share_unpaid() -> None:
    stock("MUG", 20)
    assert park(order("A-1", {"MUG": 3}), MINUTES, "203.0.113.7", LIMITS)

    assert park(order("A-2", {"MUG": 1}), MINUTES, "203.0.113.7", LIMITS)

    assert held() == 4


def test_all_together_keep_no_more_than_their_share_unpaid() -> None:
    stock("MUG", 20)
    for number in range(10):
        assert park(order(f"A-{number}", {"MUG": 1}), MINUTES, f"a{number}", LIMITS)

    assert not park(order("A-10", {"MUG": 1}), MINUTES, "a10", LIMITS)

    assert held() == 10


def test_an_order_that_is_too_much_in_one_article_keeps_nothing() -> None:
    stock("MUG", 20)
    stock("CAP", 20)

    assert not park(order("A-1", {"CAP": 1, "MUG": 12}), MINUTES, "", LIMITS)

    assert (held(), held("CAP")) == (0, 0)


def test_of_the_last_units_some_are_kept_whatever_the_share() -> None:
    stock("MUG", 2)

    assert park(order("A-1", {"MUG": 2}), MINUTES, "203.0.113.7", LIMITS)


def test_goods_that_are_being_paid_are_not_parked() -> None:
    stock("MUG", 10)
    pin(order("A-1", {"MUG": 2}))

    assert not park("A-1", MINUTES, "", LIMITS)

    assert Hold.objects.get().expires_at is None
    assert held() == 2


def test_goods_that_are_being_paid_are_out_of_the_share() -> None:
    stock("MUG", 20)
    for number in range(2):
        assert park(order(f"A-{number}", {"MUG": 2}), MINUTES, "203.0.113.7", LIMITS)
        pin(f"A-{number}")

    assert park(order("A-2", {"MUG": 4}), MINUTES, "203.0.113.7", LIMITS)

    assert held() == 8


def test_another_card_takes_the_goods_out_of_the_share() -> None:
    stock("MUG", 10)
    park(order("A-1", {"MUG": 2}), MINUTES, "", LIMITS)

    reserve("A-1", {"MUG": 2}, SOON)

    assert not Hold.objects.parked().exists()
    assert held() == 2


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_ten_at_the_same_moment_do_not_pass_the_share_together() -> None:
    stock("CAP", 20)
    stock("MUG", 20)
    orders = [order(f"A-{n}", {"CAP": 1, "MUG": 2}) for n in range(10)]

    answers = run_together(orders, lambda one: park(one, MINUTES, "", LIMITS))

    assert sorted(map(str, answers)) == ["False"] * 5 + ["True"] * 5
    assert (held(), held("CAP")) == (10, 5)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_holds_that_several_people_free_at_once_are_freed_once() -> None:
    stock("MUG", 10)
    keys = []
    for number in range(6):
        order(f"A-{number}", {"MUG": 1})
        keys.append(Hold.objects.get(reference=f"A-{number}").pk)

    def act(number: int) -> int:
        if number < 3:
            return free(keys)
        return release(f"A-{number}")

    answers = run_together(range(6), act)

    assert sum(answer for answer in answers if isinstance(answer, int)) == 6
    assert held() == 0


def test_a_pinned_hold_is_not_freed() -> None:
    stock("MUG", 10)
    pin(order("A-1", {"MUG": 2}))

    assert free([Hold.objects.get().pk]) == 0

    assert held() == 2


def test_a_hold_that_is_pinned_after_staff_saw_it_is_not_freed() -> None:
    stock("CAP", 10)
    stock("MUG", 10)
    # The cap comes first: while it is freed, the mug's order begins to pay.
    order("A-1", {"CAP": 1})
    order("A-2", {"MUG": 2})

    with before_first_update(lambda: pin("A-2")):
        freed = free(Hold.objects.values_list("pk", flat=True))

    assert freed == 1
    assert (held("CAP"), held("MUG")) == (0, 2)
    assert Hold.objects.get(reference="A-2").state == Hold.State.ACTIVE


def test_counters_are_locked_in_the_order_of_their_skus_when_staff_free_them() -> None:
    # Written in the other order.
    stock("MUG", 10)
    stock("CAP", 10)
    order("A-1", {"MUG": 1})
    order("A-2", {"CAP": 1})
    keys = Hold.objects.values_list("pk", flat=True)

    with CaptureQueriesContext(connection) as queries:
        assert free(keys) == 2

    table = StockItem._meta.db_table
    sql = [each["sql"] for each in queries if each["sql"].startswith("UPDATE")]
    locked = [each for each in sql if f'"{table}"' in each.partition("SET")[0]]
    rows = {item.sku: item.pk for item in StockItem.objects.all()}
    ends = [int(each.rpartition("= ")[2].rstrip(")")) for each in locked]
    assert ends == [rows["CAP"], rows["MUG"]]


def test_the_oldest_addresses_are_forgotten_first_up_to_the_limit() -> None:
    stock("MUG", 10)
    order("A-0", {"MUG": 1})
    for number in (1, 2, 3):
        park(order(f"A-{number}", {"MUG": 1}), MINUTES, "203.0.113.7", LIMITS)
        Hold.objects.filter(reference=f"A-{number}").update(
            created_at=NOW - timedelta(days=number)
        )
    Hold.objects.filter(reference="A-0").update(created_at=NOW - timedelta(days=9))

    assert forget_origins(NOW, limit=2) == 2

    left = Hold.objects.exclude(origin="").values_list("reference", flat=True)
    assert list(left) == ["A-1"]


def test_addresses_are_forgotten_in_time() -> None:
    stock("MUG", 10)
    park(order("A-1", {"MUG": 1}), MINUTES, "203.0.113.7", LIMITS)

    assert forget_origins(NOW - timedelta(days=3650)) == 0
    assert forget_origins(NOW + timedelta(days=3650)) == 1

    assert Hold.objects.get().origin == ""
