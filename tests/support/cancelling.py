"""Cancellations of orders, from the request to the end of their saga."""

import uuid
from datetime import timedelta

from checkout.aftersales.cancellations import services
from checkout.aftersales.cancellations.definition import CANCELLATION
from checkout.aftersales.cancellations.services import Verdict
from checkout.mail import outbox
from checkout.mail.models import OrderMail
from orders import transitions
from orders.models import (
    Cancellation,
    Order,
    Shipment,
)
from saga.engine import run
from saga.models import Saga
from shop import database_clock
from shop.database_clock import Now
from tests.support.ordering import place
from tests.support.refunding import (
    MUG,
    TOTAL,
)


def ask(order: Order, reason: str = "") -> Cancellation:
    return services.ask(order, uuid.uuid4(), reason)


def verdict(order: Order, note: str = "") -> Verdict:
    return Verdict("yuki", note, services.to_refund(order))


def cancellation_saga(order: Order) -> Saga:
    return Saga.objects.get(definition=CANCELLATION.name, reference=order.number)


def carry_out(order: Order) -> Saga:
    """Accept the customer's request, and run the saga to where it stops."""
    services.accept(Cancellation.objects.get(order=order), verdict(order))
    return work(order)


def carry_out_latest(order: Order) -> Saga:
    services.accept(Cancellation.objects.filter(order=order)[0], verdict(order))
    return work(order)


def work(order: Order) -> Saga:
    saga = cancellation_saga(order)
    run(saga.pk)
    saga.refresh_from_db()
    order.refresh_from_db()
    return saga


def make_approved_order() -> Order:
    """Return an order whose card is charged when it is shipped."""
    order, saga = place(units=MUG)
    run(saga.pk)
    order.refresh_from_db()
    return order


def send_mails() -> None:
    outbox.sweep_mails(database_clock.read() + timedelta(minutes=1))


def sent_mails() -> list[str]:
    send_mails()
    return [row.kind for row in OrderMail.objects.order_by("pk")]


def states(order: Order) -> tuple[str, str, str]:
    order.refresh_from_db()
    shipment = Shipment.objects.get(order=order)
    wish = Cancellation.objects.filter(order=order).latest("pk")
    return order.status, shipment.status, wish.status


def leave_at_the_same_moment(order: Order) -> None:
    """Let the parcel leave as a colleague does whose check came before the decision."""
    wish = Cancellation.objects.filter(order=order, status="accepted")
    pk = wish.get().pk
    held = Cancellation.objects.filter(pk=pk)
    held.update(status="requested", decided_at=None, decided_by="", refund_minor=0)
    transitions.ship(order, carrier="yamato", tracking_number="1", actor="ken")
    held.update(
        status="accepted", decided_at=Now(), decided_by="yuki", refund_minor=TOTAL
    )
