"""The account's movements are fetched once a day, and stored once."""

from datetime import timedelta
from typing import Any

import pytest

from checkout.accounting.models import AccountMovement, AccountReading
from checkout.accounting.movements import (
    OVERLAP,
    fetch_if_due,
    fetch_movements,
    known_until,
)
from checkout.payments.balance import ProviderMovement
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import OutcomeUnknownError
from checkout.payments.provider_fields import ProviderObject, Unreadable
from checkout.payments.stripe.balance import read_movement
from checkout.payments.unreadable import UnreadableObject
from shop import database_clock
from tests.checkout.accounting.ledgers import NOON, charged

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
CHARGE = ProviderMovement("txn_1", "charge", 6000, 216, "JPY", "ch_1", NOON)
RAW = {
    "id": "txn_1",
    "type": "refund",
    "amount": -500,
    "fee": 0,
    "currency": "jpy",
    "source": "re_1",
    "created": int(NOON.timestamp()),
}


def test_twice_is_once(gateway: FakeGateway) -> None:
    charged()
    gateway.movements = [CHARGE]

    assert fetch_movements().added == 1
    assert fetch_movements(NOON - OVERLAP).added == 0

    row = AccountMovement.objects.get()
    assert (row.amount_minor, row.fee_minor, row.created_at) == (6000, 216, NOON)


def test_the_first_reading_begins_before_the_first_charge(gateway: FakeGateway) -> None:
    charged()

    reading = fetch_movements()

    assert reading.since == NOON - OVERLAP
    assert known_until() == reading.until
    assert fetch_movements().since == reading.until - OVERLAP


def test_what_cannot_be_read_is_counted_and_hides_no_other(
    gateway: FakeGateway,
) -> None:
    charged()
    bad = UnreadableObject("balance_transaction", "txn_0", "amount is no number", None)
    gateway.movements = [bad, CHARGE]

    reading = fetch_movements()

    assert (reading.added, reading.unreadable) == (1, 1)


def test_a_reading_that_was_broken_off_counts_for_nothing(gateway: FakeGateway) -> None:
    gateway.fail("movements_since", OutcomeUnknownError("no answer"))
    now = database_clock.read()

    with pytest.raises(OutcomeUnknownError):
        fetch_if_due(now)

    assert known_until() is None
    assert fetch_if_due(now) is None
    assert fetch_if_due(now + timedelta(minutes=11)) is not None
    assert AccountReading.objects.count() == 1


def test_it_is_due_once_a_day(gateway: FakeGateway) -> None:
    now = database_clock.read()

    assert fetch_if_due(now) is not None
    assert fetch_if_due(now + timedelta(hours=23)) is None
    assert fetch_if_due(now + timedelta(hours=25)) is not None


def test_amounts_have_a_sign() -> None:
    assert read_movement(ProviderObject(RAW, "balance_transaction")) == (
        ProviderMovement("txn_1", "refund", -500, 0, "JPY", "re_1", NOON)
    )


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "500"},
        {"fee": None},
        {"amount": True},
        {"amount": -(2**63)},
        {"currency": "yen!"},
        {"created": None},
        {"type": ""},
    ],
)
def test_a_field_that_means_nothing_makes_it_unreadable(change: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read_movement(ProviderObject(RAW | change, "balance_transaction"))
