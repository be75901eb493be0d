"""The id of a form that made something of one order does nothing to another."""

import uuid
from collections.abc import Callable
from types import FunctionType

import pytest
from django.core.handlers.exception import response_for_exception
from django.db import transaction
from django.test import RequestFactory

from orders import transitions
from orders.errors import FormOfAnother
from orders.models import Order
from orders.transitions import exchanges
from tests.orders import acts
from tests.orders.moves import MOVES, Move
from tests.orders.snapshot import snapshot
from tests.support.orders import make_order

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

UID = uuid.UUID("5a1d2c3e-0000-4000-8000-0123456789ab")


class OneUid:
    """Stands in for the module ``uuid``: every form has the same id."""

    def uuid4(self) -> uuid.UUID:
        return UID


def hand_over(order: Order) -> object:
    return transitions.ship(
        order, carrier="yamato", tracking_number="1", actor="mio", uid=UID
    )


def hand_over_again(order: Order) -> object:
    return exchanges.send(
        acts.again(order), carrier="yamato", tracking_number="1", actor="mio", uid=UID
    )


def sends_form(make: Callable[[Order], object]) -> bool:
    """Return whether a move, or the act that it calls, makes up the id of a form."""
    assert isinstance(make, FunctionType)
    called = [getattr(acts, name, None) for name in make.__code__.co_names]
    codes = [act.__code__ for act in (make, *called) if isinstance(act, FunctionType)]
    return any("uuid4" in code.co_names for code in codes)


FORMS = {
    **{name: move for name, move in MOVES.items() if sends_form(move.make)},
    "ship": Move(acts.confirmed, hand_over),
    "send an exchange": Move(acts.exchange, hand_over_again),
}


@pytest.mark.parametrize("name", FORMS)
def test_it_is_refused_and_changes_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    move, order, other = FORMS[name], make_order(), make_order()
    move.first(order)
    move.first(other)
    monkeypatch.setattr(acts, "uuid", OneUid())
    move.make(Order.objects.get(pk=order.pk))
    before = snapshot(other)

    with pytest.raises(FormOfAnother), transaction.atomic():
        move.make(Order.objects.get(pk=other.pk))

    assert snapshot(other) == before


def test_the_table_has_every_kind_of_form() -> None:
    assert len(FORMS) >= 9, sorted(FORMS)


def test_it_is_answered_as_a_request_that_cannot_be_read() -> None:
    request = RequestFactory().post("/")

    assert response_for_exception(request, FormOfAnother(UID)).status_code == 400
