"""Every move of an order, and the state that the order is brought to before it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from orders import transitions
from orders.models import Order, Shortage
from orders.transitions import (
    cancellations,
    disputes,
    exchanges,
    pickups,
    polling,
    refunds,
    returns,
    shortages,
)
from tests.orders import acts


@dataclass(frozen=True)
class Move:
    first: Callable[[Order], None]
    make: Callable[[Order], object]


MOVES: Mapping[str, Move] = {
    "confirm": Move(acts.new, transitions.confirm),
    "cancel": Move(acts.new, lambda o: transitions.cancel(o, Order.CancelReason.STAFF)),
    "release": Move(acts.new, lambda order: transitions.release(order, "mio")),
    "record intent": Move(
        acts.new, lambda o: transitions.record_intent(o.payment, f"pi_{o.pk}")
    ),
    "authorize": Move(acts.new, acts.authorize),
    "capture": Move(acts.new, lambda o: transitions.capture(o.payment, 100, "ch")),
    "cancel payment": Move(acts.new, lambda o: transitions.cancel_payment(o.payment)),
    "decline": Move(
        acts.new, lambda o: transitions.decline_attempt(acts.attempt(o), "lost")
    ),
    "challenge": Move(
        acts.new, lambda o: transitions.challenge_attempt(acts.attempt(o))
    ),
    "issue a voucher": Move(acts.new, acts.issue),
    "ship": Move(acts.confirmed, acts.ship),
    "hold back": Move(acts.confirmed, transitions.hold_back),
    "call off": Move(acts.confirmed, acts.call_off),
    "ask to cancel": Move(acts.confirmed, acts.ask_to_cancel),
    "accept to cancel": Move(
        acts.asked, lambda o: cancellations.accept(acts.wish(o), acts.decided())
    ),
    "decline to cancel": Move(
        acts.asked, lambda o: cancellations.decline(acts.wish(o), "m", "n")
    ),
    "overtake": Move(acts.asked, lambda o: cancellations.overtake(o, "mio")),
    "settle a wish": Move(
        acts.asked, lambda o: cancellations.settle_with_order(o, "mio")
    ),
    "refuse to cancel": Move(
        acts.accepted, lambda o: cancellations.refuse(acts.wish(o))
    ),
    "reopen": Move(acts.accepted, cancellations.reopen),
    "finish cancelling": Move(
        acts.accepted, lambda o: cancellations.finish(acts.wish(o))
    ),
    "close unpaid": Move(acts.accepted, cancellations.close_unpaid),
    "settle a shortage": Move(
        acts.short, lambda o: shortages.settle_with_order(o, "mio")
    ),
    "send on": Move(acts.held_back, transitions.send_on),
    "request a refund": Move(acts.charged, acts.request),
    "find a refund": Move(acts.charged, acts.found),
    "await the bank": Move(
        acts.refunded, lambda o: refunds.await_bank(acts.refund(o), f"re_{o.pk}")
    ),
    "refund": Move(
        acts.refunded, lambda o: refunds.succeed(acts.refund(o), f"re_{o.pk}")
    ),
    "fail a refund": Move(
        acts.refunded, lambda o: refunds.fail(acts.refund(o), "closed")
    ),
    "fail it late": Move(
        acts.returned, lambda o: refunds.fail(acts.refund(o), "closed")
    ),
    "plan a poll": Move(
        acts.refunded, lambda o: polling.plan_poll(acts.refund(o), acts.SOON)
    ),
    "finish a poll": Move(
        acts.refunded, lambda o: polling.finish_poll(acts.refund(o), 1, None)
    ),
    "fail a poll": Move(
        acts.refunded, lambda o: polling.note_failure(acts.refund(o), "503")
    ),
    "read a dispute": Move(
        acts.reported, lambda o: disputes.record(acts.dispute(o), acts.finding(o))
    ),
    "set aside": Move(
        acts.reported, lambda o: disputes.set_aside(acts.dispute(o), 1, "unknown")
    ),
    "remind": Move(
        acts.disputed, lambda o: disputes.remind(acts.dispute(o), acts.SOON)
    ),
    "miss goods": Move(acts.charged, acts.miss),
    "ask": Move(acts.short, acts.ask),
    "wait": Move(acts.short, acts.choose(Shortage.Choice.WAIT)),
    "send a part": Move(acts.short, acts.choose(Shortage.Choice.PART)),
    "send another article": Move(acts.short, acts.choose(Shortage.Choice.SUBSTITUTE)),
    "cancel the rest": Move(acts.short, acts.cancel_rest),
    "arrive": Move(
        acts.waiting, lambda o: shortages.arrive(acts.shortage(o), 1, "mio", "came")
    ),
    "give up": Move(acts.confirmed, shortages.give_up),
    "ask to return": Move(acts.sent, acts.ask_to_return),
    "let it return": Move(acts.to_return, acts.let_return),
    "refuse a return": Move(
        acts.to_return,
        lambda o: returns.refuse(acts.back(o), returns.Decision("m", answer="n")),
    ),
    "withdraw a return": Move(
        acts.to_return, lambda o: returns.withdraw(acts.back(o), "mio")
    ),
    "receive a return": Move(acts.coming_back, acts.receive),
    "begin an exchange": Move(
        acts.come_back, lambda o: exchanges.begin(acts.back(o), "mio")
    ),
    "drop an exchange": Move(
        acts.exchange, lambda o: exchanges.drop(acts.again(o), "mio")
    ),
    "send an exchange": Move(acts.exchange, acts.send_again),
    "deliver an exchange": Move(
        acts.exchanged, lambda o: exchanges.deliver(acts.again(o), acts.SOON)
    ),
    "pack an exchange": Move(
        acts.exchange, lambda o: exchanges.start_packing(acts.again(o), "mio")
    ),
    "show a page": Move(acts.new, acts.show_page),
    "pack": Move(acts.confirmed, lambda order: transitions.start_packing(order, "mio")),
    "do not pack": Move(
        acts.packed, lambda order: transitions.stop_packing(order, "mio")
    ),
    "do not pack an exchange": Move(
        acts.exchange_packed, lambda o: exchanges.stop_packing(acts.again(o), "mio")
    ),
    "lie ready": Move(acts.for_pickup, lambda order: pickups.make_ready(order, "mio")),
    "an exchange lies ready": Move(
        acts.exchange_for_pickup, lambda o: exchanges.make_ready(acts.again(o), "mio")
    ),
    "begin to cancel": Move(acts.confirmed, acts.begin_to_cancel),
    "link the refund": Move(
        acts.cancelling,
        lambda o: cancellations.link_refund(acts.wish(o), acts.refund(o)),
    ),
    "put goods back": Move(
        acts.returned, lambda o: refunds.record_returned(acts.refund(o), {"MUG-01": 1})
    ),
    "win a dispute": Move(acts.disputed, acts.win),
    "register a return": Move(acts.sent, acts.register_return),
    "deliver": Move(
        acts.sent, lambda order: transitions.deliver(acts.parcel(order), acts.SOON)
    ),
    "move the release": Move(acts.confirmed, acts.move_release),
    "correct the recipient": Move(acts.confirmed, acts.correct_recipient),
    "correct a parcel": Move(
        acts.sent, lambda o: acts.correct_tracking(o, acts.parcel(o), "1")
    ),
    "correct an exchange": Move(
        acts.exchanged, lambda o: acts.correct_tracking(o, acts.parcel_again(o), "")
    ),
    "drop a promise": Move(acts.owing, acts.drop_promise),
    "close a return": Move(
        acts.come_back, lambda o: returns.close(acts.back(o), "mio")
    ),
}
