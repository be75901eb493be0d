"""Moves of an order whose lines are one, and the states that they bring it to."""

import uuid
from collections.abc import Callable
from dataclasses import replace
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
from orders.parcels import Instead, Units
from orders.transitions import (
    cancellations,
    corrections,
    disputes,
    exchanges,
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
    return cancellations.Decision("mio", "as wished", Money(100, "JPY"))


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
    wanted = returns.Wish(uuid.uuid4(), items, "damaged", "a crack", b"photo")
    return returns.request(order, wanted)


def register_return(order: Order) -> object:
    items = [Units(order.lines.get(), 1)]
    wanted = returns.Wish(uuid.uuid4(), items, "damaged", "a crack")
    decision = returns.Decision("mio", "noted", "come")
    return returns.register(order, wanted, decision)


def sent(order: Order) -> None:
    confirmed(order)
    ship(order)
    order.refresh_from_db()


def to_return(order: Order) -> None:
    sent(order)
    ask_to_return(order)


def let_return(order: Order) -> object:
    return returns.approve(back(order), returns.Decision("mio", "noted", "come"))


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


def send_again(order: Order) -> object:
    return exchanges.send(
        again(order), carrier="yamato", tracking_number="7", actor="mio"
    )


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
    promised = Promised(DAY, *(DAY.replace(day=day) for day in (3, 4, 5, 6)))
    return releases.move_release(order, {order.lines.get().pk: DAY}, promised)


def correct_recipient(order: Order) -> object:
    change = {"city": "Minato-ku"}, {"city": "Chuo-ku"}
    correction = Correction(uuid.uuid4(), *change, "mio", "moved")
    return corrections.correct_recipient(order, correction)


def parcel_again(order: Order) -> Parcel:
    """Return the parcel of the order's exchange."""
    return Parcel.objects.get(exchange__returned__order=order)


def correct_tracking(order: Order, sent_: Parcel, number: str) -> object:
    change = {"tracking_number": number}, {"tracking_number": "2"}
    correction = Correction(uuid.uuid4(), *change, "mio", "mistyped")
    return corrections.correct_tracking(order, sent_, correction)


def begin_to_cancel(order: Order) -> object:
    return cancellations.begin(
        order, uuid.uuid4(), decided(), by_customer=True, reason="twice"
    )


def cancelling(order: Order) -> None:
    refunded(order)
    begin_to_cancel(order)


def instead(order: Order) -> list[Instead]:
    row = shortage(order).lines.get()
    return [Instead(row, "CUP-01", "Tea Cup", "blue", 1500)]


def choose(choice: Shortage.Choice) -> Callable[[Order], object]:
    def make(order: Order) -> object:
        is_other = choice == Shortage.Choice.SUBSTITUTE
        decision = Decision(
            choice,
            0,
            "yuki",
            "by phone",
            by_customer=True,
            until=DAY if choice == Shortage.Choice.WAIT else None,
            instead=instead(order) if is_other else (),
        )
        return shortages.decide(shortage(order), decision, 100)

    return make


def ask(order: Order) -> object:
    return shortages.ask(shortage(order), 0, "mio", DAY, instead(order))


def win(order: Order) -> object:
    won = replace(finding(order), status=Dispute.Status.WON)
    return disputes.record(dispute(order), won)


def owing(order: Order) -> None:
    short(order)
    choice = Decision(Shortage.Choice.PART, 0, "yuki", "by phone")
    shortages.decide(shortage(order), choice, 100)


def drop_promise(order: Order) -> object:
    return shortages.drop_promise(shortage(order), 1, "mio", "a mistake")
