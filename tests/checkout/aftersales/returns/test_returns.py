"""Returns: what may come back, what arrives, and what the stock knows of it."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from checkout.aftersales.refunds.services import settle
from checkout.aftersales.returns import services
from checkout.payments.fake.gateway import FakeGateway
from inventory.models import Movement
from orders.errors import NotReturnable, ReturnMoved, TooManyReturned, UnitsRefunded
from orders.models import OrderEvent, OrderLine, Return, Substitute
from orders.transitions import returns
from orders.transitions.returns import Decision
from tests.saga.tables import dump
from tests.support.invariants import assert_invariants
from tests.support.ordering import counters
from tests.support.parcels import send
from tests.support.refunding import make_charged_order, make_refund
from tests.support.returns import (
    DECISION,
    arrive,
    make_sent_order,
    outcomes,
    register,
    too_many,
    wish,
)
from tests.support.shortages import assert_books_agree, substituted
from tests.support.threads import exceptions_in, run_together

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def provided(gateway: FakeGateway) -> None:
    """Use the fake provider in every test."""


def ledger(returned: Return) -> list[tuple[str, str, int]]:
    name = services.reference_of(returned)
    rows = Movement.objects.filter(reference__startswith=name).order_by("pk")
    return list(rows.values_list("item__sku", "kind", "quantity"))


def line() -> tuple[int, int]:
    """Return the units of the only line in returns, and those back in stock."""
    (found,) = OrderLine.objects.values_list("returned", "restocked")
    return found


def test_what_comes_back_for_sale_is_on_the_shelf_again() -> None:
    order = make_sent_order()
    returned = register(order)
    assert (counters(), line()) == ((8, 0), (2, 0))

    assert arrive(returned)

    assert (counters(), line()) == ((10, 0), (0, 2))
    assert ledger(returned) == [("MUG-01", "return", 2)]
    assert returned.status == Return.Status.RECEIVED
    assert (returned.received_by, returned.decided_by) == ("yuki", "yuki")
    assert_books_agree()


def test_what_is_scrapped_is_in_the_ledger_and_never_on_the_shelf() -> None:
    returned = register(make_sent_order())

    arrive(returned, restocked=1, scrapped=1)

    assert (counters(), line()) == ((9, 0), (1, 1))
    assert ledger(returned) == [("MUG-01", "return", 2), ("MUG-01", "scrap", -1)]
    assert_books_agree()


def test_what_is_sent_back_or_did_not_arrive_may_be_returned_later() -> None:
    order = make_sent_order()
    returned = register(order)

    arrive(returned, sent_back=1)

    assert returned.lines.get().absent == 1
    assert (counters(), line(), ledger(returned)) == ((8, 0), (0, 0), [])
    assert register(order).lines.get().quantity == 2
    assert_books_agree()


def test_the_same_form_and_the_same_parcel_count_once() -> None:
    order = make_sent_order()
    asked = wish(order, {"MUG-01": 1})
    first = services.register(order, asked, DECISION)
    assert services.register(order, asked, DECISION) == first

    assert arrive(first)
    before = dump()
    assert not arrive(first)

    assert dump() == before
    assert (counters(), line()) == ((9, 0), (0, 1))


def test_no_more_comes_back_than_left_and_is_in_no_other_return() -> None:
    order = make_sent_order()
    register(order, {"MUG-01": 1})
    before = dump()

    with pytest.raises(TooManyReturned) as refusal:
        services.register(order, wish(order, items=too_many(order, 2)), DECISION)

    assert str(refusal.value.sentence) == "No more than 1 of MUG-01 can be returned."
    assert dump() == before


def test_only_a_return_that_stands_keeps_its_units() -> None:
    order = make_sent_order()
    asked, _is_new = returns.request(order, wish(order))
    services.refuse(asked, Decision("yuki", answer="It was worn."))
    assert line() == (0, 0)

    again = register(order)
    services.withdraw(again, "yuki")

    assert line() == (0, 0)
    register(order)
    assert line() == (2, 0)
    assert_invariants()


def test_of_an_order_of_which_nothing_left_nothing_comes_back() -> None:
    order = make_charged_order()

    with pytest.raises(NotReturnable):
        services.register(order, wish(order, items=too_many(order, 1)), DECISION)

    assert not services.is_returnable(order)
    assert not Return.objects.exists()


def test_nothing_chosen_is_no_return() -> None:
    order = make_sent_order()

    with pytest.raises(NotReturnable):
        services.register(order, wish(order, items=too_many(order, 0)), DECISION)

    assert not Return.objects.exists()


def test_the_substitute_comes_back_to_its_own_shelf() -> None:
    order = substituted().order
    send(order)
    order.refresh_from_db()
    returned = register(order, {"CUP-01": 1})

    arrive(returned, restocked=1)

    assert counters("CUP-01") == (5, 0)
    substitute = Substitute.objects.get()
    assert (substitute.returned, substitute.restocked) == (0, 1)
    assert [row[:2] for row in ledger(returned)] == [("CUP-01", "return")]
    assert_books_agree()


def test_a_refund_puts_nothing_back_that_a_return_holds() -> None:
    order = make_sent_order()
    register(order)

    with pytest.raises(UnitsRefunded) as refusal:
        make_refund(order, 1800, goods={"MUG-01": 1}, restock=True)

    assert refusal.value.restockable == 0
    settle(make_refund(order, 1800, goods={"MUG-01": 1}).pk)
    assert (counters(), line()) == ((8, 0), (2, 0))


def test_a_return_takes_nothing_that_a_refund_put_back() -> None:
    order = make_sent_order()
    settle(make_refund(order, 1800, goods={"MUG-01": 1}, restock=True).pk)
    assert line() == (0, 1)

    with pytest.raises(TooManyReturned):
        services.register(order, wish(order, items=too_many(order, 2)), DECISION)

    arrive(register(order))
    assert (counters(), line()) == ((10, 0), (0, 2))
    assert_books_agree()


def test_each_step_follows_the_one_before() -> None:
    order = make_sent_order()
    asked, _is_new = returns.request(order, wish(order))
    with pytest.raises(ReturnMoved):
        arrive(asked)
    assert services.approve(asked, DECISION)
    assert not services.approve(asked, DECISION)
    with pytest.raises(ReturnMoved):
        services.refuse(asked, Decision("ken", answer="no"))
    with pytest.raises(ReturnMoved):
        services.close(asked, "ken", "Nothing arrived.")
    arrive(asked)
    with pytest.raises(ReturnMoved):
        services.withdraw(asked, "ken")
    assert services.close(asked, "ken", "It was used: we send it back.")
    assert not services.close(asked, "ken", "again")

    names = OrderEvent.objects.filter(order=order, name__startswith="return_")
    assert list(names.values_list("name", flat=True)) == [
        "return_requested",
        "return_approved",
        "return_received",
        "return_closed",
    ]
    assert Return.objects.get().answer == "It was used: we send it back."


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_take_back_no_more_than_left() -> None:
    order = make_sent_order()
    wishes = [wish(order), wish(order)]

    answers = run_together(
        wishes, lambda each: services.register(order, each, DECISION)
    )

    (lost,) = exceptions_in(answers)
    assert isinstance(lost, TooManyReturned)
    assert line() == (2, 0)
    assert_invariants()


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_book_one_parcel_once() -> None:
    returned = register(make_sent_order())

    answers = run_together(
        [1, 2],
        lambda _n: arrive(Return.objects.get(pk=returned.pk), restocked=1, scrapped=1),
    )

    assert sorted(map(str, answers)) == ["False", "True"]
    assert (counters(), line()) == ((9, 0), (1, 1))
    assert_books_agree()


@pytest.mark.parametrize(
    "change",
    [{"returned": 3}, {"returned": 2, "restocked": 1}],
    ids=["more than left", "back in stock as well"],
)
def test_the_database_refuses_units_that_cannot_be(change: dict[str, int]) -> None:
    make_sent_order()

    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.update(**change)


def test_the_database_refuses_more_outcomes_than_units() -> None:
    returned = register(make_sent_order())
    too_much = [replace(each, restocked=3) for each in outcomes(returned)]

    with pytest.raises(IntegrityError), transaction.atomic():
        services.receive(returned, too_much, "yuki")

    returned.refresh_from_db()
    assert returned.status == Return.Status.APPROVED
