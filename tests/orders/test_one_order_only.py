"""Every move touches its own order, and made twice it is made once."""

from contextlib import suppress

import pytest
from django.db import transaction

from orders.errors import (
    BeingPacked,
    CancellationMoved,
    CorrectionRefused,
    IllegalMove,
    ParcelRefused,
    RefundRefused,
    ReturnRefused,
    ShortageRefused,
)
from orders.models import Order
from tests.orders.moves import MOVES
from tests.orders.snapshot import snapshot
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

_REFUSED = (
    BeingPacked,
    CancellationMoved,
    CorrectionRefused,
    IllegalMove,
    ParcelRefused,
    RefundRefused,
    ReturnRefused,
    ShortageRefused,
)
# Made again, this is another one.
_REPEATED = {"plan a poll"}


@pytest.mark.parametrize("name", MOVES)
def test_a_move_touches_its_own_order_only(name: str) -> None:
    move = MOVES[name]
    order, other = make_order(), make_order()
    move.first(order)
    move.first(other)
    before, bystander = snapshot(order), snapshot(other)

    move.make(Order.objects.get(pk=order.pk))

    assert snapshot(other) == bystander
    assert snapshot(order) != before


@pytest.mark.parametrize("name", sorted(MOVES.keys() - _REPEATED))
def test_a_move_made_twice_is_made_once(name: str) -> None:
    move, order = MOVES[name], make_order()
    move.first(order)
    move.make(Order.objects.get(pk=order.pk))
    before = snapshot(order)

    # It is refused, or says that it was made before.
    with suppress(*_REFUSED), transaction.atomic():
        result = move.make(Order.objects.get(pk=order.pk))
        is_made = result[1] if isinstance(result, tuple) else result
        assert not is_made

    assert snapshot(order) == before
