"""Each move writes what happened, who did it and why, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from orders.models import Order
from tests.orders.moves import MOVES
from tests.orders.snapshot import snapshot
from tests.orders.written import written
from tests.support.orders import make_order

pytestmark = pytest.mark.django_db

# Move -> table -> fields. A test that fails prints what a new move writes.
EXPECTED: dict[str, Any] = json.loads(
    Path(__file__).with_name("written.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MOVES)
def test_what_a_move_writes(name: str) -> None:
    move = MOVES[name]
    # Another order before it, so that no number of a row is 1 like that of a parcel.
    other, order = make_order(), make_order()
    move.first(other)
    move.make(Order.objects.get(pk=other.pk))
    move.first(order)
    before = snapshot(order)

    result = move.make(Order.objects.get(pk=order.pk))

    found = {name: {"result": _named(result), **written(before, snapshot(order))}}
    assert found == {name: EXPECTED.get(name)}, json.dumps(found, indent=2)


def _named(result: object) -> object:
    """Return what a move returned: of rows, only of what table they are."""
    if isinstance(result, tuple | list):
        return [_named(each) for each in result]
    return result if isinstance(result, bool | int | None) else type(result).__name__


def test_every_expected_move_is_one() -> None:
    assert EXPECTED.keys() == MOVES.keys()
