"""Pausing checkout: no order is placed from then on, and what was placed goes on."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from checkout.announcements import services as announcements
from checkout.announcements.errors import CheckoutPaused
from checkout.announcements.models import Announcement
from checkout.announcements.services import active_announcements, lift, pause, put_up
from checkout.cart.models import Cart, TemporaryOrder
from checkout.cart.pricing import quote
from checkout.payments.fake.gateway import FakeGateway
from checkout.placement.services import place_order
from checkout.tracking.services import try_another_card
from orders.models import Order
from saga.models import Saga, State
from tests.conftest import Clock
from tests.support.commands import call, call_json, refused
from tests.support.invariants import assert_invariants
from tests.support.ordering import advance, charges, place
from tests.support.orders import VISA, make_cart
from tests.support.threads import exceptions_in, run_together

DECLINED = "pm_card_visa_chargeDeclined"
HELLO = ("We move house.", "引っ越し中です。")


@pytest.mark.both_databases
@pytest.mark.django_db
def test_while_paused_nothing_is_ordered_and_all_is_kept() -> None:
    cart = make_cart({"MUG-01": 2})
    pause("yuki", "the bank is away", *HELLO)

    with pytest.raises(CheckoutPaused, match=r"is paused since .* by yuki"):
        place(cart)

    assert not Order.objects.exists()
    assert not Saga.objects.exists()
    assert Cart.objects.get().state == Cart.State.OPEN
    assert cart.lines.get().quantity == 2
    assert TemporaryOrder.objects.get().name == "Hanako Minato"


@pytest.mark.django_db
def test_after_the_pause_the_same_cart_is_ordered() -> None:
    cart = make_cart()
    assert lift(pause("yuki", "the bank is away"), "taro", "it is back")

    order, _saga = place(cart)

    assert order.checkout_key == cart.checkout_key
    kept = Announcement.objects.get()
    assert (kept.set_by, kept.reason) == ("yuki", "the bank is away")
    assert (kept.lifted_by, kept.lift_reason) == ("taro", "it is back")
    assert active_announcements().pause is None


@pytest.mark.django_db
def test_a_form_sent_again_during_the_pause_finds_its_order() -> None:
    cart = make_cart()
    order, _saga = place(cart)
    pause("yuki", "the bank is away")

    again = place_order(cart, quote(cart), token="ctoken_2", language="en")

    assert again == order


@pytest.mark.django_db
def test_orders_under_way_take_other_cards_and_complete(
    gateway: FakeGateway, clock: Clock
) -> None:
    order, saga = place(token=DECLINED)
    advance(saga, clock, sweeps=1)
    pause("yuki", "the bank is away")

    try_another_card(order, VISA)
    advance(saga, clock, sweeps=1)

    assert Saga.objects.main_paths().get().state == State.DONE
    assert_invariants(charges(gateway), ended=True)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_pause_that_has_returned_is_seen_by_every_order(db: None) -> None:
    carts = [make_cart(free=100) for _number in range(12)]
    begun = threading.Event()
    returned_at = []

    def act(number: int) -> Order | None:
        if number == 0:
            begun.wait(10)
            pause("yuki", "the bank is away")
            returned_at.append(set(Order.objects.values_list("pk", flat=True)))
            return None
        begun.set()
        cart = Cart.objects.get(pk=carts[number - 1].pk)
        return place_order(cart, quote(cart), token=VISA, language="en")

    answers = run_together(range(13), act)

    assert {type(error) for error in exceptions_in(answers)} <= {CheckoutPaused}
    placed = {answer.pk for answer in answers if isinstance(answer, Order)}
    # What was placed was there when the pause returned: none slipped in behind it.
    assert returned_at == [placed]
    assert set(Order.objects.values_list("pk", flat=True)) == placed


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_pause_waits_for_the_order_that_is_being_written() -> None:
    passed, may_end, paused = (threading.Event() for _number in range(3))

    def place_slowly() -> None:
        with transaction.atomic():
            announcements.enter()
            passed.set()
            may_end.wait(10)
            assert not paused.is_set()

    def pause_meanwhile() -> None:
        passed.wait(10)
        # From the side: the order is not done before this was tried for a while.
        threading.Timer(0.3, may_end.set).start()
        pause("yuki", "the bank is away")
        paused.set()

    answers = run_together([place_slowly, pause_meanwhile], lambda act: act())

    assert exceptions_in(answers) == []
    assert active_announcements().pause is not None


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_many_who_pause_at_once_one_does_and_all_learn_who() -> None:
    answers = run_together(range(6), lambda number: pause(f"yuki{number}", "at once"))

    row = Announcement.objects.get()
    errors = exceptions_in(answers)
    assert len(errors) == 5
    assert {getattr(error, "pause", None) for error in errors} == {row}


@pytest.mark.both_databases
@pytest.mark.django_db
def test_the_tables_hold_one_pause_and_no_half_lifted_one() -> None:
    row = pause("yuki", "the bank is away")
    wrong = (
        {"kind": "pause", "set_by": "x", "reason": "a second one"},
        {"kind": "banner", "lifted_at": timezone.now(), "reason": "by nobody"},
        {
            "kind": "banner",
            "starts_at": timezone.now(),
            "ends_at": timezone.now() - timedelta(hours=1),
        },
    )
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Announcement.objects.create(**values)
    assert active_announcements().pause == row


@pytest.mark.django_db
def test_a_pause_is_lifted_once() -> None:
    row = pause("yuki", "the bank is away")

    assert lift(row, "taro", "it is back")
    assert not lift(row, "jiro", "late")

    row.refresh_from_db()
    assert row.lifted_by == "taro"


@pytest.mark.django_db
def test_a_new_banner_takes_the_place_of_the_old_and_the_same_does_not() -> None:
    first = put_up("yuki", "a move", HELLO)
    assert put_up("taro", "again", HELLO) == first

    second = put_up("taro", "shorter", ("Moving.", "引っ越し。"))

    assert active_announcements().banner == second
    first.refresh_from_db()
    assert (first.lifted_by, first.lift_reason) == ("taro", "shorter")


@pytest.mark.django_db
def test_a_banner_is_due_between_its_times_and_stops_no_order(clock: Clock) -> None:
    now = timezone.now()
    start, end = now + timedelta(hours=1), now + timedelta(hours=2)
    row = put_up("yuki", "a move", HELLO, start, end)

    seen = []
    for _hour in range(3):
        seen.append(row.is_due)
        place(make_cart({"MUG-01": 1}))
        clock.shift(3600)

    assert seen == [False, True, False]
    assert Order.objects.count() == 3


def test_messages_are_read_in_the_visitor_s_language() -> None:
    row = Announcement(message_en=HELLO[0], message_ja=HELLO[1])
    assert row.text == HELLO[0]
    with translation.override("ja"):
        assert row.text == HELLO[1]


@pytest.mark.django_db
def test_the_commands_pause_and_resume_and_say_how_it_is() -> None:
    told = call_json("checkout_pause", "--reason", "a move", "--message-en", "Moving.")
    row = Announcement.objects.get()
    assert told == {
        "paused": True,
        "since": row.set_at.isoformat(),
        "by": row.set_by,
        "reason": "a move",
        "message_en": "Moving.",
        "message_ja": announcements.usual_message("ja"),
        "outcome": "done",
        "refusal": "",
    }
    assert "注文" in row.message_ja

    assert call("checkout_resume") == "Checkout is open.\n"
    row.refresh_from_db()
    assert row.lift_reason == "resumed from the shell"


@pytest.mark.django_db
def test_the_commands_refuse_what_is_so_already() -> None:
    code, message, _out = refused("checkout_resume")
    assert (code, message) == (1, "Refused: checkout is not paused")

    pause("yuki", "the bank is away")
    code, message, _out = refused("checkout_pause")
    assert code == 1
    assert "by yuki" in message
    assert Announcement.objects.count() == 1


@pytest.mark.django_db
def test_what_is_too_long_is_refused_before_anything_is_done() -> None:
    for option in ("--reason", "--message-ja"):
        code, message, _out = refused("checkout_pause", option, "x" * 301)
        assert code == 2
        assert "longer than 300" in message
    assert not Announcement.objects.exists()


@pytest.mark.django_db
def test_demo_orders_say_how_to_resume() -> None:
    make_cart()
    pause("yuki", "the bank is away")

    code, message, _out = refused("place_demo_orders", "1")

    assert code == 1
    assert "manage.py checkout_resume" in message
