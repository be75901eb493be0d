"""In every state of a return, pages and mails say what the table says."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from checkout.aftersales import dispatch, exchanges
from checkout.aftersales.refunds.services import settle
from checkout.aftersales.returns import refunds, services
from checkout.mail.models import OrderMail
from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.refunds_and_disputes import RefundStatus
from orders.models import Order, Return
from orders.transitions.returns import Decision
from tests.support.pickups import make_pickup_order
from tests.support.refunding import wish as refund_wish
from tests.support.returns import arrive, ask_to_return, make_sent_order
from tests.truth_matrix.returns import STATES, SaidOfReturn

pytestmark = pytest.mark.django_db

WORDS = Decision("yuki", answer="Our words.")


def approved(order: Order) -> Return:
    returned = ask_to_return(order)
    services.approve(returned, WORDS)
    return returned


def arrived(order: Order) -> Return:
    returned = approved(order)
    arrive(returned)
    return returned


def exchange(order: Order) -> Return:
    returned = arrived(order)
    exchanges.begin(returned, "ken")
    return returned


def part_exchange(order: Order) -> Return:
    """Have one of two mugs sent again."""
    returned = arrived(order)
    exchanges.begin(returned, "ken", {returned.lines.get().pk: 1})
    return returned


def refund_the_rest(order: Order, gateway: FakeGateway) -> None:
    returned = part_exchange(order)
    send(returned)
    gateway.next_refund = RefundStatus.SUCCEEDED
    returned.refresh_from_db()
    settle(refunds.refund(order, refund_wish(order, 1800), returned).pk)


def picked_up() -> Order:
    order = make_pickup_order()
    dispatch.ship(order, carrier="", tracking_number="", actor="ken")
    return Order.objects.get(pk=order.pk)


def send(returned: Return) -> None:
    exchange = exchanges.exchange_of(returned)
    exchanges.send(exchange, carrier="yamato", tracking_number="1", actor="ken")


def refund(order: Order, status: RefundStatus, gateway: FakeGateway) -> None:
    gateway.next_refund = status
    settle(refunds.refund(order, refund_wish(order, 3600), arrived(order)).pk)


REACH: dict[str, Callable[[Order, FakeGateway], object]] = {
    "nothing asked": lambda _order, _gateway: None,
    "asked for": lambda order, _gateway: ask_to_return(order),
    "approved": lambda order, _gateway: approved(order),
    "refused": lambda order, _gateway: services.refuse(ask_to_return(order), WORDS),
    "withdrawn": lambda order, _gateway: services.withdraw(
        ask_to_return(order), "customer"
    ),
    "arrived": lambda order, _gateway: arrived(order),
    "to be exchanged": lambda order, _gateway: exchange(order),
    "exchange sent": lambda order, _gateway: send(exchange(order)),
    "a part to be exchanged": lambda order, _gateway: part_exchange(order),
    "a part exchanged, the rest open": lambda o, _gateway: send(part_exchange(o)),
    "a part exchanged, the rest refunded": refund_the_rest,
    "exchange to be picked up": lambda order, _gateway: exchange(order),
    "exchange lies ready": lambda order, _gateway: exchanges.make_ready(
        exchanges.exchange_of(exchange(order)), "ken"
    ),
    "exchange picked up": lambda order, _gateway: send(exchange(order)),
    "refund on its way": lambda o, g: refund(o, RefundStatus.PENDING, g),
    "refunded": lambda o, g: refund(o, RefundStatus.SUCCEEDED, g),
    "its refund failed": lambda o, g: refund(o, RefundStatus.FAILED, g),
    "closed without a refund": lambda order, _gateway: services.close(
        arrived(order), "yuki", "Our words."
    ),
}


def section_of(page: str) -> str:
    """Return the words of the returns on the customer's page."""
    html = page.partition('class="live returns"')[2].partition("order-summary")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def check_customer(order: Order, said: SaidOfReturn) -> None:
    page = Client().get(reverse("checkout:order", args=[order.uid])).content.decode()
    text = section_of(page)
    assert said.title in text
    assert said.sentence in text
    assert said.also in text
    known = {each.sentence for each in STATES.values()}
    others = known - {said.sentence, said.also}
    # The wish for another return stands beside a return that does not stand.
    others.discard(STATES["nothing asked"].sentence)
    assert not [each for each in others if each and each in text]
    assert ("/withdraw/" in page) == said.may_withdraw


def check_staff(returned: Return, said: SaidOfReturn) -> None:
    clerk = Client()
    clerk.force_login(User.objects.create_superuser("yuki"))
    address = reverse("admin:orders_return_change", args=[returned.pk])
    page = clerk.get(address).content.decode()
    names = set(re.findall(rf"/orders/return/{returned.pk}/do/(\w+)/", page))
    if f"/refund/?return={returned.pk}" in page:
        names.add("refund")
    assert names == set(said.staff)


@pytest.mark.parametrize("state", STATES)
def test_a_state(gateway: FakeGateway, state: str) -> None:
    said = STATES[state]
    order = picked_up() if said.is_pickup else make_sent_order()

    REACH[state](order, gateway)

    check_customer(order, said)
    for returned in Return.objects.all():
        check_staff(returned, said)
    kinds = list(OrderMail.objects.order_by("pk").values_list("kind", flat=True))
    if said.mail:
        assert kinds[-1] == said.mail


def test_every_state_is_said_and_reached() -> None:
    assert set(STATES) == set(REACH)
