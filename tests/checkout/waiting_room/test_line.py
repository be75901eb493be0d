"""Who is let in, and when: the line of a waiting room."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from checkout.cart.models import Cart
from checkout.cart.ownership import take_over
from checkout.cart.pricing import quote
from checkout.cart.retention import forget_carts
from checkout.cart.rushes import follow
from checkout.placement.services import place_order
from checkout.waiting_room import tickets
from checkout.waiting_room.errors import MustWait, RoomOpen
from checkout.waiting_room.models import Ticket, WaitingRoom
from checkout.waiting_room.services import close_room, forget, open_room, set_places
from checkout.waiting_room.tickets import PlaceInLine
from orders.models import Order
from shop import database_clock
from shop.catalogue.models import Product
from shop.database_clock import Now
from tests.support.accounts import make_customer
from tests.support.catalogue import make_product
from tests.support.orders import VISA, make_cart
from tests.support.threads import exceptions_in, run_together
from tests.support.waiting_rooms import (
    absent,
    come,
    let_in_before,
    numbers,
    open_for,
)


def buy(cart: Cart) -> Order:
    return place_order(cart, quote(cart), token=VISA, language="en")


def mugs(count: int, free: int = 10) -> list[Cart]:
    return [make_cart({"MUG-01": 1}, free=free) for _buyer in range(count)]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_eight_who_come_at_once_three_are_in_and_the_others_are_numbered() -> None:
    carts = mugs(8, free=100)
    room = open_for(Product.objects.get(), places=3)

    assert not exceptions_in(run_together(carts, come))

    # Whoever asked while others were before them asks again, as their page does.
    standing = numbers(*carts)
    assert sorted(standing) == [0, 0, 0, 1, 2, 3, 4, 5]
    drawn = Ticket.objects.order_by("pk").values_list("cart", flat=True)
    places = dict(zip([cart.pk for cart in carts], standing, strict=True))
    in_order = [places[cart] for cart in drawn if places[cart]]
    assert in_order == [1, 2, 3, 4, 5]
    room.refresh_from_db()
    assert room.let_in == 3


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_one_cart_in_eight_tabs_has_one_place() -> None:
    (first, second) = mugs(2)
    open_for(Product.objects.get())
    come(first)

    answers = run_together([second] * 8, come)

    assert not exceptions_in(answers)
    assert numbers(first, second) == [0, 1]
    assert Ticket.objects.filter(cart=second).count() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_nobody_orders_past_the_line() -> None:
    carts = mugs(6)
    open_for(Product.objects.get(), places=2)
    numbers(*carts)

    answers = run_together(carts, buy)

    refused = exceptions_in(answers)
    assert {type(one) for one in refused} <= {MustWait}
    # As places come free, those who ask next are let in: never more than there are.
    assert Order.objects.count() == 6 - len(refused)
    assert Ticket.objects.filter(state=Ticket.State.USED).count() == 6 - len(refused)
    assert Ticket.objects.inside().count() <= 2
    open_carts = Cart.objects.filter(state=Cart.State.OPEN).count()
    assert open_carts == len(refused)


@pytest.mark.django_db
def test_an_order_gives_its_place_to_the_next_one(mug: Product) -> None:
    first, second, third = mugs(3)
    open_for(mug)
    assert numbers(first, second, third) == [0, 1, 2]
    with pytest.raises(MustWait) as refusal:
        buy(second)
    assert "You are number 1 in line" in refusal.value.sentence
    assert Order.objects.count() == 0

    order = buy(first)

    assert buy(first) == order, "sent twice, it finds its order"
    assert numbers(second, third) == [0, 1]
    assert Ticket.objects.get(cart=first).state == Ticket.State.USED


@pytest.mark.django_db
def test_whoever_closed_the_page_is_passed_and_keeps_the_number(mug: Product) -> None:
    first, second, third, fourth = mugs(4)
    open_for(mug)
    assert numbers(first, second, third, fourth) == [0, 1, 2, 3]
    absent(second)
    assert numbers(third, fourth) == [1, 2]

    buy(first)
    assert numbers(third) == [0]

    assert numbers(second, fourth) == [1, 2]


@pytest.mark.django_db
def test_a_place_that_was_not_used_is_the_next_ones(
    mug: Product, settings: Settings
) -> None:
    first, second, third = mugs(3)
    open_for(mug)
    numbers(first, second, third)
    let_in_before(settings.WAITING_ROOM_MINUTES + 1, first)

    assert numbers(second) == [0]

    with pytest.raises(MustWait) as refusal:
        buy(first)
    assert refusal.value.place.number == 2
    assert numbers(third) == [1]


@pytest.mark.django_db
def test_a_late_order_is_taken_while_nobody_waits(
    mug: Product, settings: Settings
) -> None:
    (cart,) = mugs(1)
    open_for(mug)
    numbers(cart)
    let_in_before(settings.WAITING_ROOM_MINUTES + 1, cart)

    assert buy(cart).pk


@pytest.mark.django_db
def test_the_cart_of_a_cancelled_order_stands_in_line_again(mug: Product) -> None:
    first, second = mugs(2)
    open_for(mug)
    numbers(first, second)
    buy(first)
    numbers(second)

    Cart.objects.filter(pk=first.pk).update(state=Cart.State.OPEN)

    assert numbers(first) == [1]


@pytest.mark.django_db
def test_the_better_place_survives_sign_in(mug: Product) -> None:
    inside, as_guest, stranger, at_home = mugs(4)
    customer = make_customer()
    Cart.objects.filter(pk=at_home.pk).update(customer_id=customer.pk)
    open_for(mug)
    assert numbers(inside, as_guest, stranger, at_home) == [0, 1, 2, 3]

    merged = take_over(customer.pk, as_guest.uid)

    assert merged is not None
    assert numbers(merged, stranger) == [1, 2]
    assert Ticket.objects.filter(cart=merged).count() == 1


@pytest.mark.django_db
def test_a_place_that_ran_out_takes_no_number_from_the_account(
    mug: Product, settings: Settings
) -> None:
    as_guest, at_home, stranger = mugs(3)
    customer = make_customer()
    Cart.objects.filter(pk=at_home.pk).update(customer_id=customer.pk)
    open_for(mug)
    assert numbers(as_guest, at_home, stranger) == [0, 1, 2]
    let_in_before(settings.WAITING_ROOM_MINUTES + 1, as_guest)

    merged = take_over(customer.pk, as_guest.uid)

    assert merged is not None
    assert numbers(merged, stranger) == [0, 1]


@pytest.mark.django_db
def test_a_cart_of_two_rooms_goes_in_when_it_is_its_turn_in_both(
    mug: Product, tea: Product
) -> None:
    teas = make_cart({"TEA-01": 1})
    both = make_cart({"MUG-01": 1, "TEA-01": 1})
    open_for(mug)
    open_for(tea)
    assert numbers(teas, both) == [0, 1]
    inside = Ticket.objects.inside().filter(cart=both)
    assert not inside.exists(), "its minutes with the mug would run out"
    absent(both)
    assert numbers(both) == [1]
    (passing,) = mugs(1)
    assert numbers(passing) == [0], "it holds up nobody who wants a mug"

    buy(teas)
    assert numbers(both) == [1], "now it waits for the mug"
    (later,) = mugs(1)
    assert numbers(later) == [2], "and is before those who come later"
    buy(passing)

    assert numbers(both) == [0]
    assert inside.count() == 2
    assert buy(both).pk


@pytest.mark.django_db
def test_other_goods_never_wait_and_cost_nothing(mug: Product) -> None:
    open_for(mug)
    other = make_cart({"PEN-01": 1})
    rooms = quote(other).rooms

    with CaptureQueriesContext(connection) as queries:
        place = tickets.enter(other.pk, rooms)
        is_in = tickets.use(other.pk, rooms)

    assert (rooms, place, is_in) == (frozenset(), None, True)
    assert len(queries) == 0
    assert buy(other).pk


@pytest.mark.django_db
def test_a_page_that_waits_reads_once_and_writes_only_now_and_then(
    mug: Product,
) -> None:
    first, second = mugs(2)
    open_for(mug)
    numbers(first, second)
    rooms = quote(second).rooms

    with CaptureQueriesContext(connection) as soon:
        tickets.enter(second.pk, rooms)
    absent(second, minutes=1)
    with CaptureQueriesContext(connection) as later:
        tickets.enter(second.pk, rooms)

    assert (len(soon), len(later)) == (1, 2)


@pytest.mark.django_db
def test_staff_open_a_room_once_widen_it_and_close_it(mug: Product) -> None:
    first, second, third = mugs(3)
    room = open_for(mug)
    with pytest.raises(RoomOpen):
        open_room(mug, 5, "abe")
    numbers(first, second, third)

    assert set_places(room, 2)
    assert numbers(second, third) == [0, 1]

    assert close_room(room, "kato", "all were served")
    assert not close_room(room, "abe", "again")
    assert not set_places(room, 9)
    assert buy(third).pk
    room.refresh_from_db()
    assert (room.closed_by, room.close_reason) == ("kato", "all were served")
    assert open_room(mug, 1).pk != room.pk


@pytest.mark.django_db
def test_a_room_closed_while_the_order_was_on_its_way_lets_it_pass(
    mug: Product,
) -> None:
    first, second = mugs(2)
    room = open_for(mug)
    numbers(first, second)
    seen = quote(second)
    assert seen.rooms == {room.pk}

    close_room(room)

    assert place_order(second, seen, token=VISA, language="en").pk


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_room_opens_by_itself_and_closes_when_the_rush_is_over(
    mug: Product, settings: Settings
) -> None:
    carts = mugs(3)
    make_cart({"PEN-01": 1})
    assert follow() == 0, "no room opens by itself unless the shop says so"

    settings.WAITING_ROOM_FROM_CARTS = 4
    assert follow() == 0
    settings.WAITING_ROOM_FROM_CARTS = 3
    settings.WAITING_ROOM_PLACES = 1
    assert follow() == 1
    assert follow() == 0, "twice is once"

    room = WaitingRoom.objects.get()
    assert (room.product, room.places, room.opened_by) == (mug, 1, "")
    assert numbers(*carts) == [0, 1, 2]
    settings.WAITING_ROOM_FROM_CARTS = 0
    Ticket.objects.update(drawn_at=Now(-timedelta(minutes=30)))
    assert follow() == 0, "somebody waits"
    absent(*carts)
    assert follow() == 1
    room.refresh_from_db()
    assert room.closed_at is not None


@pytest.mark.django_db
def test_a_cart_with_two_sizes_is_one_customer(settings: Settings) -> None:
    make_product("shirt", skus=("SHIRT-S", "SHIRT-M"), pictures=0)
    settings.WAITING_ROOM_FROM_CARTS = 2
    make_cart({"SHIRT-S": 1, "SHIRT-M": 1})
    assert follow() == 0

    make_cart({"SHIRT-M": 1})

    assert follow() == 1


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_room_opened_ahead_of_a_launch_stays_until_somebody_had_to_wait(
    mug: Product,
) -> None:
    early, first, second = mugs(3)
    room = open_for(mug)
    WaitingRoom.objects.update(opened_at=Now(-timedelta(days=3)))
    assert follow() == 0, "nobody came"

    long_ago = Now(-timedelta(hours=9))
    assert numbers(early) == [0]
    Ticket.objects.update(drawn_at=long_ago, admitted_at=long_ago, seen_at=long_ago)
    assert follow() == 0, "somebody looked in, and went on at once"

    assert numbers(first, second) == [0, 1]
    Ticket.objects.update(drawn_at=long_ago, seen_at=long_ago)
    assert follow() == 1
    room.refresh_from_db()
    assert room.closed_at is not None


@pytest.mark.django_db
def test_old_tickets_and_those_of_forgotten_carts_are_removed(mug: Product) -> None:
    first, second = mugs(2)
    room = open_for(mug)
    numbers(first, second)
    now = database_clock.read()
    Cart.objects.filter(pk=second.pk).update(updated_at=now - timedelta(days=60))
    forget_carts(now)
    assert list(Ticket.objects.values_list("cart", flat=True)) == [first.pk]

    close_room(room)
    assert forget(now + timedelta(days=29)) == 0
    assert forget(now + timedelta(days=31)) == 1


def test_how_long_it_takes_is_what_the_line_did_of_late() -> None:
    place = PlaceInLine(room=1, name="Mug", is_admitted=False, ahead=59, let_in=40)

    assert (place.number, place.minutes, place.ask_again) == (60, 8, 10)
    unknown = PlaceInLine(room=1, name="Mug", is_admitted=False, ahead=9999)
    assert (unknown.minutes, unknown.ask_again) == (None, 30)
    assert PlaceInLine(room=1, name="Mug", is_admitted=True).number == 0
