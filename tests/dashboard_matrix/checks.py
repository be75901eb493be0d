"""What must be true in every cell: of the pages, the money, the goods."""

import pytest
from django.db.models import Sum

from checkout.aftersales import dispatch, dispatch_errors
from checkout.payments.gateway import IntentStatus
from checkout.payments.refunds_and_disputes import DisputeStatus, RefundStatus
from inventory.models import Hold, Movement
from orders.errors import RefundRefused
from orders.models import Order, Refund, Shipment
from saga.models import Alert, Saga, State
from shop.money import Money
from tests.dashboard_matrix.pages import Staff, customer_text
from tests.dashboard_matrix.world import SKU, UNITS, World
from tests.support.invariants import assert_ledger_adds_up, assert_nothing_is_forgotten
from tests.support.refunding import make_refund

_UNCHARGED = (
    "not charged",
    "nothing was charged",
    "nothing charged",
    "will not charge anything",
    "charged nothing",
    "charge unconfirmed",
    "will charge",
)
_CHARGED = (
    "we have your money",
    "your order is paid",
    "was charged at",
    "your money was given back",
    "charge unconfirmed",
)
_LOST = (
    DisputeStatus.NEEDS_RESPONSE,
    DisputeStatus.UNDER_REVIEW,
    DisputeStatus.LOST,
)


def yen(minor: int) -> str:
    return Money(minor, "JPY").format("en")


class Facts:
    """The payment as it is at the provider; amounts in minor units."""

    def __init__(self, world: World) -> None:
        intent = world.intent
        self.received = intent.received if intent else 0
        self.refunded = intent.refunded if intent else 0
        self.is_void = bool(intent and intent.status is IntentStatus.CANCELED)
        self.disputed = sum(
            one.amount for one in world.gateway.disputes.values() if one.status in _LOST
        )

    @property
    def left(self) -> int:
        return max(0, self.received - self.refunded - self.disputed)


def check_books(world: World) -> None:
    """Our records agree with the provider, and none with another."""
    facts, payment = Facts(world), world.payment
    requested = Refund.objects.filter(status=Refund.Status.REQUESTED)
    unsent = requested.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    assert payment.captured_minor == facts.received
    assert payment.refunded_minor == facts.refunded + unsent
    assert payment.disputed_minor == facts.disputed
    if facts.is_void:
        assert payment.status == "cancelled"


def check_pages(world: World, staff: Staff, *, every: bool = True) -> None:
    """The pages tell the truth about the money, and no less than their own events."""
    facts, order = Facts(world), world.order
    staffed = staff.texts(order, every=every)
    listed = staffed.pop("list", "").lower()
    customer = customer_text(order).lower()
    pages = {name: text.lower() for name, text in staffed.items()}
    _check_words({**pages, "list": listed, "customer": customer}, facts)
    for name, text in pages.items():
        _check_amounts(name, text, facts)
    if every:
        _check_list(listed, facts)
    if facts.received and not facts.left:
        _check_customer(customer, order)


def _check_words(pages: dict[str, str], facts: Facts) -> None:
    """No page denies a charge, and none claims one that was not made."""
    wrong = _UNCHARGED if facts.received else _CHARGED
    for page, text in pages.items():
        for words in wrong:
            assert words not in text, (page, words, text)


def _check_amounts(page: str, text: str, facts: Facts) -> None:
    text = text.replace(": ", " ")
    if facts.received:
        assert f"charged {yen(facts.received)}" in text, (page, text)
    if facts.refunded:
        assert f"refunded {yen(facts.refunded)}" in text, (page, text)
    if facts.disputed:
        disputed = yen(facts.disputed)
        words = (f"disputed {disputed}", f"taken back by the bank {disputed}")
        assert any(each in text for each in words), (page, text)


def _check_list(listed: str, facts: Facts) -> None:
    if facts.received:
        assert "charged" in listed
    if facts.refunded:
        whole = facts.refunded >= facts.received
        assert ("partly refunded" in listed) != whole
        assert "refunded" in listed
    if facts.disputed:
        assert "disputed" in listed


def _check_customer(text: str, order: Order) -> None:
    """Nothing is left of the charge: the page neither has the money nor sends goods."""
    assert "we have your money" not in text
    was_sent = Shipment.objects.filter(order=order, dispatched_at__isnull=False)
    if not was_sent.exists():
        assert "hand them to the carrier" not in text
        assert order.status == Order.Status.PENDING or "given back" in text


def check_limits(world: World) -> None:
    """The shop gives back no more than is left, and sends no goods for nothing."""
    facts, order = Facts(world), world.order
    if facts.received:
        with pytest.raises(RefundRefused):
            make_refund(order, facts.left + 1)
    else:
        with pytest.raises(RefundRefused):
            make_refund(order, 1)
    was_sent = Shipment.objects.filter(dispatched_at__isnull=False).exists()
    if facts.left == 0 and not was_sent:
        with pytest.raises(dispatch_errors.NotShippable):
            dispatch.ship(order, carrier="yamato", tracking_number="1", actor="ken")


def check_alerts(world: World) -> None:
    """What needs a person was told to one."""
    assert_nothing_is_forgotten()
    order = world.order
    shipment = Shipment.objects.filter(order=order).first()
    by_shop = Refund.objects.filter(origin=Refund.Origin.SHOP)
    if shipment and dispatch.may_be_called_off(order) and not by_shop.exists():
        assert Alert.objects.exists(), "nobody was told that the parcel must not go"


def is_ended(world: World) -> bool:
    """Return whether the order needs nobody any more."""
    order = world.order
    if world.saga.state not in (State.DONE, State.COMPENSATED):
        return False
    if Saga.objects.filter(state=State.FAILED).exists():
        return False
    shipment = Shipment.objects.filter(order=order).first()
    if shipment and shipment.status == Shipment.Status.DISPATCHED:
        return True
    is_over = order.status == Order.Status.CANCELLED or bool(
        shipment and shipment.status == Shipment.Status.CALLED_OFF
    )
    return is_over and not order.payment.refundable


def check_end(world: World) -> None:
    """The order has ended, its money is settled, its goods are where they belong."""
    assert is_ended(world)
    assert_ledger_adds_up()
    number = world.order.number
    facts, payment = Facts(world), world.payment
    assert payment.captured_minor == facts.received
    live = [
        one
        for one in world.gateway.refunds.values()
        if one.status not in (RefundStatus.FAILED, RefundStatus.CANCELED)
    ]
    assert sum(one.amount for one in live) == facts.refunded <= facts.received
    assert not Hold.objects.active().filter(reference=number).exists()
    moved = Movement.objects.filter(item__sku=SKU, reference__startswith=number)
    gone = -(moved.aggregate(sum=Sum("quantity"))["sum"] or 0)
    shipment = Shipment.objects.filter(order=world.order).first()
    sent = shipment is not None and shipment.status == Shipment.Status.DISPATCHED
    assert gone == (UNITS if sent else _lost_units(world))


def _lost_units(world: World) -> int:
    """Return the units that were found missing at packing and written off."""
    missing = Movement.objects.filter(kind=Movement.Kind.ADJUST)
    mine = missing.filter(reference__startswith=f"{world.order.number} shortage")
    return -(mine.aggregate(sum=Sum("quantity"))["sum"] or 0)
