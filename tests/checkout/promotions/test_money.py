"""A discounted order adds up everywhere: refunds, papers, mails, reports, Stripe."""

import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from checkout.accounting import sales
from checkout.accounting.journal import entries
from checkout.accounting.period import Period
from checkout.aftersales.cancellations import services as cancellations
from checkout.aftersales.refunds.services import settle
from checkout.aftersales.returns import refunds as returns
from checkout.mail.messages import send_confirmation
from checkout.paper.bills import make_bill
from checkout.paper.kinds import PaperKind
from checkout.paper.services import issue
from checkout.paper.slips import make_slips
from checkout.payments.fake.gateway import FakeGateway
from checkout.promotions.models import CouponCode
from orders.models import Order, OrderLine, Refund
from orders.rates import shares_of_charge, shares_of_refunds
from saga.engine import run
from saga.models import State
from shop.money import Money
from shop.profile.models import ShopProfile
from tests.support.cancelling import verdict, work
from tests.support.invariants import assert_invariants
from tests.support.ordering import charges, place
from tests.support.orders import make_cart
from tests.support.parcels import send
from tests.support.promotions import make_code, with_coupon
from tests.support.refunding import make_refund, refunded_total
from tests.support.returns import arrive, register

pytestmark = pytest.mark.django_db
# Two mugs at 1,800 and 600 for shipping, less 101.
TOTAL, GOODS = 4099, 3499


@pytest.fixture
def order(gateway: FakeGateway) -> Order:
    """Two mugs, charged, with a coupon whose 101 yen two units cannot share."""
    code = make_code(kind="amount", amount_minor=101, name_en="Thanks")
    placed, saga = place(with_coupon(make_cart({"MUG-01": 2}), code))
    run(saga.pk)
    return Order.objects.get(pk=placed.pk)


def test_the_provider_charges_the_discounted_total(
    order: Order, gateway: FakeGateway
) -> None:
    assert charges(gateway) == [(str(order.uid), TOTAL)]
    assert_invariants(charges(gateway), ended=True)


def test_the_units_of_a_line_add_up_to_what_was_paid() -> None:
    line = OrderLine(unit_minor=100, quantity=3, discount_minor=101)

    assert [line.paid_for(1, after) for after in range(3)] == [66, 66, 67]
    assert line.paid_for(3) == line.paid_minor == 199
    assert line.unit_paid_minor == 66


def test_refunds_of_single_units_end_at_what_was_paid(order: Order) -> None:
    first = make_refund(order, 1749, goods={"MUG-01": 1})
    settle(first.pk)
    order.refresh_from_db()
    second = make_refund(order, TOTAL - 1749, goods={"MUG-01": 1})
    settle(second.pk)

    paid = [row.paid_minor for one in (first, second) for row in one.lines.all()]

    assert paid == [1749, 1750]
    shares = shares_of_refunds(order, Refund.objects.order_by("pk"))
    assert sum(share.gross for one in shares.values() for share in one) == TOTAL
    assert [one.gross for one in shares_of_charge(order, TOTAL)] == [TOTAL]


def test_a_return_offers_what_was_paid(order: Order) -> None:
    send(order)
    returned = register(order, {"MUG-01": 2})
    arrive(returned)

    assert returns.offer(returned).amount == Money(GOODS)


def test_papers_show_the_discount_and_add_up(order: Order) -> None:
    ShopProfile.objects.create(
        pk=1, name_en="Minato K.K.", invoice_number="T7000012050002"
    )
    settle(make_refund(order, 1749, goods={"MUG-01": 1}).pk)

    bill = make_bill(issue(order, PaperKind.INVOICE, "Minato"), "en")
    (note,) = make_slips(PaperKind.DELIVERY_NOTE, order)

    shown = [(str(fact.label), fact.value) for fact in bill.amounts]
    assert shown == [
        ("Subtotal", "¥3,600"),
        ("Thanks (WELCOME)", "-¥101"),
        ("Shipping", "¥600"),
        ("Total (tax included)", "¥4,099"),
    ]
    assert [fact.value for fact in bill.taxes] == ["¥4,099, of which tax ¥373"]
    assert [fact.value for fact in note.amounts] == [
        *("¥3,600", "-¥101", "¥600", "¥4,099")
    ]
    credit = issue(order, PaperKind.CREDIT_NOTE, "Minato", refund=Refund.objects.get())
    (line,) = make_bill(credit, "en").lines
    assert (line.total, "discount deducted" in line.detail) == ("¥1,749", True)


def test_the_mail_names_the_discount(order: Order) -> None:
    send_confirmation(order)

    text = str(mail.outbox[-1].body)
    sent = mail.outbox[-1]
    assert isinstance(sent, mail.EmailMultiAlternatives)
    html = str(sent.alternatives[0][0])
    assert "Thanks (WELCOME): -¥101" in text
    assert "Total (tax included): ¥4,099" in text
    assert "Thanks" in html
    assert "-¥101" in html


def test_the_reports_have_the_sums_of_the_charge(order: Order) -> None:
    settle(make_refund(order, 1749, goods={"MUG-01": 1}).pk)
    today = timezone.localdate()
    period = Period(today - timedelta(days=1), today + timedelta(days=1))

    products = sales.by_product(period)

    found = [(row.name, row.charged, row.refunded) for row in products]
    assert found == [("Morning Mug (Label MUG-01)", GOODS, 1749), ("Shipping", 600, 0)]
    (whole,) = sales.total(period)
    assert (whole.charged, whole.refunded) == (TOTAL, 1749)
    gross = [(entry.kind, entry.gross) for entry in entries(period)]
    assert gross == [("sale", TOTAL), ("refund", -1749)]


def test_a_refund_keeps_the_use_and_a_cancellation_gives_it_back(
    order: Order, gateway: FakeGateway
) -> None:
    settle(make_refund(order, 100).pk)
    assert CouponCode.objects.get().used == 1

    assert cancellations.cancel(order, uuid.uuid4(), verdict(order, "they called"))
    assert work(order).state == State.DONE

    assert order.status == Order.Status.CANCELLED
    assert refunded_total(gateway) == TOTAL
    assert CouponCode.objects.get().used == 0
    assert_invariants(ended=True)
