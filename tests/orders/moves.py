"""Every move of an order, and what the order is brought to before it."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from orders import transitions
from orders.models import (
    Cancellation,
    Dispute,
    Exchange,
    Order,
    Parcel,
    PaymentAttempt,
    PaymentPage,
    Refund,
    Return,
    Shortage,
    Voucher,
)
from orders.parcels import Units
from orders.transitions import (
    cancellations,
    corrections,
    disputes,
    exchanges,
    pickups,
    polling,
    refunds,
    releases,
    returns,
    shortages,
)
from orders.transitions.corrections import Correction
from orders.transitions.disputes import Finding
from orders.transitions.refunds import FoundAtProvider, Item, RefundRequest
from orders.transitions.releases import Promised
from orders.transitions.shortages import Decision, Report
from shop.money import Money
from tests.support.pickups import PLACE

SOON = datetime(2030, 1, 1, tzinfo=UTC)
DAY = date(2030, 1, 2)


def attempt(order: Order) -> PaymentAttempt:
    return order.payment.attempts.get()


def refund(order: Order) -> Refund:
    return Refund.objects.get(payment=order.payment)


def dispute(order: Order) -> Dispute:
    return Dispute.objects.get(dispute_id=f"du_{order.pk}")


def shortage(order: Order) -> Shortage:
    return Shortage.objects.get(order=order)


# --- what the orders are brought to first ---


def new(_order: Order) -> None:
    """The order as it was placed."""


def confirmed(order: Order) -> None:
    transitions.confirm(order)


def charged(order: Order) -> None:
    transitions.record_intent(order.payment, f"pi_{order.pk}")
    transitions.capture(order.payment, order.total_minor, "ch_1")
    transitions.confirm(order)


def refunded(order: Order) -> None:
    charged(order)
    item = Item(order.lines.get(), 1, restock=True)
    wanted = RefundRequest(uuid.uuid4(), 100, 0, [item], "yuki", "broken")
    refunds.request(order.payment, wanted, SOON)


def returned(order: Order) -> None:
    refunded(order)
    refunds.succeed(refund(order), f"re_{order.pk}")


def reported(order: Order) -> None:
    charged(order)
    disputes.report(f"du_{order.pk}", SOON)


def disputed(order: Order) -> None:
    reported(order)
    disputes.record(dispute(order), finding(order))


def held_back(order: Order) -> None:
    confirmed(order)
    transitions.hold_back(order)


def short(order: Order) -> None:
    charged(order)
    items = [Units(order.lines.get(), 1)]
    shortages.record(order, Report(uuid.uuid4(), items, None, "yuki", "empty"))


def waiting(order: Order) -> None:
    short(order)
    choice = Decision(Shortage.Choice.WAIT, 0, "yuki", "by phone", until=DAY)
    shortages.decide(shortage(order), choice, 0)


def finding(order: Order) -> Finding:
    return Finding(
        status=Dispute.Status.NEEDS_RESPONSE,
        is_inquiry=False,
        intent_id=f"pi_{order.pk}",
        charge_id="ch_1",
        amount_minor=100,
        currency="JPY",
        reason="fraudulent",
        due_at=SOON,
    )


# --- the moves ---


@dataclass(frozen=True)
class Move:
    first: Callable[[Order], None]
    make: Callable[[Order], object]


def authorize(order: Order) -> object:
    return transitions.authorize(
        order.payment, charge_id="ch", brand="visa", last4="1", capture_before=None
    )


def issue(order: Order) -> object:
    voucher = Voucher(expires_at=SOON, url="https://example.com", stores=[])
    return transitions.issue_voucher(attempt(order), voucher)


def ship(order: Order) -> object:
    return transitions.ship(order, carrier="yamato", tracking_number="1", actor="mio")


def call_off(order: Order) -> object:
    return transitions.call_off(order, Order.CancelReason.REFUNDED, "mio")


def ask_to_cancel(order: Order) -> object:
    return cancellations.request(order, uuid.uuid4(), "ordered twice")


def decided() -> cancellations.Decision:
    return cancellations.Decision("mio", "", Money(100, "JPY"))


def wish(order: Order) -> Cancellation:
    return Cancellation.objects.get(order=order)


def asked(order: Order) -> None:
    confirmed(order)
    ask_to_cancel(order)


def accepted(order: Order) -> None:
    asked(order)
    cancellations.accept(wish(order), decided())


def back(order: Order) -> Return:
    return Return.objects.get(order=order)


def ask_to_return(order: Order) -> object:
    items = [Units(order.lines.get(), 1)]
    return returns.request(order, returns.Wish(uuid.uuid4(), items, "damaged"))


def sent(order: Order) -> None:
    confirmed(order)
    ship(order)
    order.refresh_from_db()


def to_return(order: Order) -> None:
    sent(order)
    ask_to_return(order)


def let_return(order: Order) -> object:
    return returns.approve(back(order), returns.Decision("mio"))


def coming_back(order: Order) -> None:
    to_return(order)
    let_return(order)


def receive(order: Order) -> object:
    row = back(order).lines.get()
    return returns.receive(back(order), [returns.Outcome(row, restocked=1)], "mio")


def come_back(order: Order) -> None:
    coming_back(order)
    receive(order)


def exchange(order: Order) -> None:
    come_back(order)
    exchanges.begin(back(order), "mio")


def again(order: Order) -> Exchange:
    return Exchange.objects.get(returned__order=order)


def exchanged(order: Order) -> None:
    exchange(order)
    exchanges.send(again(order), carrier="", tracking_number="", actor="mio")


def request(order: Order) -> object:
    item = Item(order.lines.get(), 1, restock=True)
    wanted = RefundRequest(uuid.uuid4(), 100, 0, [item], "yuki", "broken")
    return refunds.request(order.payment, wanted, SOON)


def found(order: Order) -> object:
    seen = FoundAtProvider(f"re_{order.pk}", 100, is_made=True)
    return refunds.record_found(order.payment, seen)


def miss(order: Order) -> object:
    items = [Units(order.lines.get(), 1)]
    return shortages.record(order, Report(uuid.uuid4(), items, None, "yuki", "empty"))


def cancel_rest(order: Order) -> object:
    choice = Decision(Shortage.Choice.CANCEL, 0, "yuki", "by phone")
    return shortages.decide(shortage(order), choice, 0)


def show_page(order: Order) -> object:
    page = PaymentPage(session_id=f"cs_{order.pk}", url="https://pay", expires_at=SOON)
    return transitions.show_page(attempt(order), page)


def packed(order: Order) -> None:
    confirmed(order)
    transitions.start_packing(order, "mio")


def exchange_packed(order: Order) -> None:
    exchange(order)
    exchanges.start_packing(again(order), "mio")


def for_pickup(order: Order) -> None:
    confirmed(order)
    Order.objects.filter(pk=order.pk).update(**PLACE)


def exchange_for_pickup(order: Order) -> None:
    exchange(order)
    Order.objects.filter(pk=order.pk).update(**PLACE)


def parcel(order: Order) -> Parcel:
    return Parcel.objects.get(shipment__order=order)


def move_release(order: Order) -> object:
    return releases.move_release(order, {order.lines.get().pk: DAY}, Promised(DAY))


def correct_recipient(order: Order) -> object:
    change = {"city": "Minato-ku"}, {"city": "Chuo-ku"}
    correction = Correction(uuid.uuid4(), *change, "mio", "moved")
    return corrections.correct_recipient(order, correction)


def correct_tracking(order: Order, sent_: Parcel | Exchange, number: str) -> object:
    change = {"tracking_number": number}, {"tracking_number": "2"}
    correction = Correction(uuid.uuid4(), *change, "mio", "mistyped")
    return corrections.correct_tracking(order, sent_, correction)


def owing(order: Order) -> None:
    short(order)
    choice = Decision(Shortage.Choice.PART, 0, "yuki", "by phone")
    shortages.decide(shortage(order), choice, 100)


def drop_promise(order: Order) -> object:
    return shortages.drop_promise(shortage(order), 1, "mio", "a mistake")


MOVES: Mapping[str, Move] = {
    "confirm": Move(new, transitions.confirm),
    "cancel": Move(new, lambda o: transitions.cancel(o, Order.CancelReason.STAFF)),
    "release": Move(new, lambda order: transitions.release(order, "mio")),
    "record intent": Move(new, lambda o: transitions.record_intent(o.payment, "pi")),
    "authorize": Move(new, authorize),
    "capture": Move(new, lambda o: transitions.capture(o.payment, 100, "ch")),
    "cancel payment": Move(new, lambda o: transitions.cancel_payment(o.payment)),
    "decline": Move(new, lambda o: transitions.decline_attempt(attempt(o), "lost")),
    "challenge": Move(new, lambda o: transitions.challenge_attempt(attempt(o))),
    "issue a voucher": Move(new, issue),
    "ship": Move(confirmed, ship),
    "hold back": Move(confirmed, transitions.hold_back),
    "call off": Move(confirmed, call_off),
    "ask to cancel": Move(confirmed, ask_to_cancel),
    "accept to cancel": Move(asked, lambda o: cancellations.accept(wish(o), decided())),
    "decline to cancel": Move(
        asked, lambda o: cancellations.decline(wish(o), "m", "n")
    ),
    "overtake": Move(asked, lambda o: cancellations.overtake(o, "mio")),
    "settle a wish": Move(asked, lambda o: cancellations.settle_with_order(o, "mio")),
    "refuse to cancel": Move(accepted, lambda o: cancellations.refuse(wish(o))),
    "reopen": Move(accepted, cancellations.reopen),
    "finish cancelling": Move(accepted, lambda o: cancellations.finish(wish(o))),
    "close unpaid": Move(accepted, cancellations.close_unpaid),
    "settle a shortage": Move(short, lambda o: shortages.settle_with_order(o, "mio")),
    "send on": Move(held_back, transitions.send_on),
    "request a refund": Move(charged, request),
    "find a refund": Move(charged, found),
    "await the bank": Move(refunded, lambda o: refunds.await_bank(refund(o), "re")),
    "refund": Move(refunded, lambda o: refunds.succeed(refund(o), "re")),
    "fail a refund": Move(refunded, lambda o: refunds.fail(refund(o), "closed")),
    "fail it late": Move(returned, lambda o: refunds.fail(refund(o), "closed")),
    "plan a poll": Move(refunded, lambda o: polling.plan_poll(refund(o), SOON)),
    "finish a poll": Move(refunded, lambda o: polling.finish_poll(refund(o), 1, None)),
    "fail a poll": Move(refunded, lambda o: polling.note_failure(refund(o), "503")),
    "read a dispute": Move(reported, lambda o: disputes.record(dispute(o), finding(o))),
    "set aside": Move(reported, lambda o: disputes.set_aside(dispute(o), 1, "unknown")),
    "remind": Move(disputed, lambda o: disputes.remind(dispute(o), SOON)),
    "miss goods": Move(charged, miss),
    "ask": Move(short, lambda o: shortages.ask(shortage(o), 0, "mio", DAY)),
    "cancel the rest": Move(short, cancel_rest),
    "arrive": Move(waiting, lambda o: shortages.arrive(shortage(o), 1, "mio", "came")),
    "give up": Move(confirmed, shortages.give_up),
    "ask to return": Move(sent, ask_to_return),
    "let it return": Move(to_return, let_return),
    "refuse a return": Move(
        to_return, lambda o: returns.refuse(back(o), returns.Decision("m", answer="n"))
    ),
    "withdraw a return": Move(to_return, lambda o: returns.withdraw(back(o), "mio")),
    "receive a return": Move(coming_back, receive),
    "begin an exchange": Move(come_back, lambda o: exchanges.begin(back(o), "mio")),
    "drop an exchange": Move(exchange, lambda o: exchanges.drop(again(o), "mio")),
    "send an exchange": Move(
        exchange,
        lambda o: exchanges.send(again(o), carrier="", tracking_number="", actor="mio"),
    ),
    "deliver an exchange": Move(exchanged, lambda o: exchanges.deliver(again(o), SOON)),
    "pack an exchange": Move(
        exchange, lambda o: exchanges.start_packing(again(o), "mio")
    ),
    "show a page": Move(new, show_page),
    "pack": Move(confirmed, lambda order: transitions.start_packing(order, "mio")),
    "do not pack": Move(packed, lambda order: transitions.stop_packing(order, "mio")),
    "do not pack an exchange": Move(
        exchange_packed, lambda o: exchanges.stop_packing(again(o), "mio")
    ),
    "lie ready": Move(for_pickup, lambda order: pickups.make_ready(order, "mio")),
    "an exchange lies ready": Move(
        exchange_for_pickup, lambda o: exchanges.make_ready(again(o), "mio")
    ),
    "deliver": Move(sent, lambda order: transitions.deliver(parcel(order), SOON)),
    "move the release": Move(confirmed, move_release),
    "correct the recipient": Move(confirmed, correct_recipient),
    "correct a parcel": Move(sent, lambda o: correct_tracking(o, parcel(o), "1")),
    "correct an exchange": Move(exchanged, lambda o: correct_tracking(o, again(o), "")),
    "drop a promise": Move(owing, drop_promise),
    "close a return": Move(come_back, lambda o: returns.close(back(o), "mio")),
}
