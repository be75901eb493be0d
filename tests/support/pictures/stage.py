"""Bring orders into every state on the real processes, for the photographs."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from checkout.aftersales.shortages import services as shortages
from checkout.aftersales.shortages import substitutes
from checkout.aftersales.shortages.links import url_of
from checkout.aftersales.shortages.offers import ask
from checkout.announcements.services import lift, pause, put_up
from checkout.payments.gateway import get_gateway
from checkout.reconciliation.run import reconcile
from inventory.models import Hold, StockItem
from inventory.services import adjust
from orders.models import Dispute, Order, OrderLine, Payment, Refund, Return, Shortage
from orders.parcels import Units
from orders.transitions.shortages import Report
from saga.models import Saga, State
from shop.catalogue.models import Variant
from tests.support.customer import (
    ON_PAGE,
    Customer,
    saga_of,
    wait_for_state,
    wait_until_done,
)
from tests.support.live import LiveStack
from tests.support.orders import VISA
from tests.support.promotions import limit, make_code
from tests.support.returns import ask_to_return, register
from tests.support.sandbox_control import (
    clear_faults,
    decide_refund,
    dispute,
    konbini_token,
    plan_fault,
)
from tests.support.shopping import RECIPIENT
from tests.support.waiting import wait_until

DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds"
ASKED = "pm_card_threeDSecure2Required"
PEOPLE = {
    "港 花子": "hanako",
    "佐藤 健": "ken",
    "鈴木 美咲": "misaki",
    "Emma Clarke": "emma",
    "高橋 翔太": "shota",
    "田中 由美": "yumi",
    "Lucas Meyer": "lucas",
    "伊藤 さくら": "sakura",
}
BASKETS = [
    {"PLUSH-S": 1, "KEY-01": 2},
    {"BADGE-03": 1},
    {"COOKIE-01": 1, "TEA-01": 2},
    {"PLATE-01": 2},
    {"NOTE-01": 3, "PEN-03": 1},
]
SHORT = "UMB-01"
BANNER = (
    "From 2 to 4 on the morning of 1 December, orders may take a little longer.",
    "12月1日午前2時から4時までは、ご注文の処理に時間がかかることがあります。",
)
WORKING = ("worker", "sweeper")


@dataclass
class Stage:
    """The shop and its orders; ``orders`` are by the name of what they show."""

    stack: LiveStack
    orders: dict[str, Order] = field(default_factory=dict)
    shortages: dict[str, Shortage] = field(default_factory=dict)
    returns: dict[str, Return] = field(default_factory=dict)
    bought: int = 0

    def buy(self, card: str = VISA, units: dict[str, int] | None = None) -> Order:
        """Let the next customer buy ``units``, or the next basket. Return the order."""
        name, mail = list(PEOPLE.items())[self.bought % len(PEOPLE)]
        basket = BASKETS[self.bought % len(BASKETS)]
        self.bought += 1
        recipient = RECIPIENT | {"name": name, "email": f"{mail}@customer.example"}
        return Customer(self.stack, recipient=recipient).buy(units or basket, card)

    def order_page(self, seen: str) -> str:
        return f"/orders/{self.orders[seen].uid}/"

    def staff_page(self, seen: str, tail: str = "change/") -> str:
        return f"/admin/backoffice/stalledorder/{self.orders[seen].pk}/{tail}"

    def desk_page(self, seen: str, tail: str = "change/") -> str:
        return f"/admin/orders/shortage/{self.shortages[seen].pk}/{tail}"

    def return_page(self, seen: str, tail: str = "change/") -> str:
        return f"/admin/orders/return/{self.returns[seen].pk}/{tail}"

    def choice_page(self, seen: str) -> str:
        """Return the address of the signed link in the customer's mail."""
        return urlsplit(url_of(self.shortages[seen])).path

    def admin_page(self, seen: str, tail: str = "change/") -> str:
        return f"/admin/orders/order/{self.orders[seen].pk}/{tail}"


def set_up(stack: LiveStack) -> Stage:
    """Let customers buy until there is an order in every state."""
    stage = Stage(stack)
    promote()
    complete_some(stage)
    ask_some(stage)
    give_back(stage)
    stop_some(stage)
    stage.shortages["asked"] = miss_goods(stage)
    compare_books(stack)
    return stage


def promote() -> None:
    """Make a coupon code, and a limit per customer for an article."""
    make_code("WELCOME-10", most=500, name_en="Welcome", name_ja="ようこそ割引")
    limit(SHORT, 2, days=30)


def complete_some(stage: Stage) -> None:
    names = ("done", "shipped", "refunded", "disputed", "refund_failed", "to_refund")
    stage.orders |= {name: stage.buy() for name in names}
    returned = stage.orders["returned"] = stage.buy(units={"MUG-01": 2})
    wait_until_done(stage.stack, list(stage.orders.values()))
    sent = ("--carrier", "yamato", "--tracking", "4912-3456-7890")
    for name in ("shipped", "returned"):
        stage.stack.manage("order_shipped", stage.orders[name].number, *sent)
    stage.returns["asked"] = ask_to_return(returned, {"MUG-01": 1})
    stage.returns["approved"] = register(returned, {"MUG-01": 1})


def ask_some(stage: Stage) -> None:
    """Add orders that wait for customer or staff, and a cancelled one."""
    stack = stage.stack
    stage.orders["needs_card"] = stage.buy(DECLINED)
    stage.orders["needs_challenge"] = stage.buy(ASKED)
    stage.orders["needs_voucher"] = stage.buy(konbini_token(stack))
    stage.orders["needs_page"] = stage.buy(ON_PAGE)
    with nobody_at_work(stack):
        accepted = stage.orders["accepted"] = stage.buy()
        # As an order of a shop that charges when it ships.
        at_shipment = Payment.Capture.SHIPMENT
        Payment.objects.filter(order=accepted).update(capture=at_shipment)
    for name in (
        "needs_card",
        "needs_challenge",
        "needs_voucher",
        "needs_page",
        "accepted",
    ):
        wait_for_state(stack, stage.orders[name], State.WAITING)
    cancelled = stage.orders["cancelled"] = stage.buy(DECLINED)
    wait_for_state(stack, cancelled, State.WAITING)
    stack.manage("saga_cancel", cancelled.number, "--reason", "the customer called")
    wait_for_state(stack, cancelled, State.COMPENSATED)


def give_back(stage: Stage) -> None:
    """Add successful and failed refunds, and a dispute."""
    stack = stage.stack
    for name, amount in (("refunded", "1800"), ("refund_failed", "500")):
        number = stage.orders[name].number
        why = ("--reason", "broken handle", "--yes")
        stack.manage("refund_order", number, "--amount", amount, *why)
    failed = Refund.objects.get(payment__order=stage.orders["refund_failed"])
    wait_until(lambda: _refreshed(failed).refund_id, "the refund was sent")
    decide_refund(stack, failed.refund_id or "", "fail")
    wait_until(lambda: _refreshed(failed).failed_at, "the refund failed", seconds=30)
    charge = Payment.objects.get(order=stage.orders["disputed"]).charge_id
    dispute(stack, charge)
    wait_until(Dispute.objects.filter(amount_minor__gt=0).exists, "the dispute is read")


def stop_some(stage: Stage) -> None:
    """Add orders that stopped: at the charge, without goods, and at the mail."""
    stack = stage.stack
    plan_fault(stack, operation="capture", kind="error_after", status=400, times=2)
    for name in ("on_hold", "on_hold_too"):
        stage.orders[name] = stage.buy()
        wait_for_state(stack, stage.orders[name], State.FAILED)
    clear_faults(stack)
    stage.orders["short"] = lose_goods(stage)
    with dead_mail(stack):
        for name in ("unmailed", "unmailed_too", "unmailed_three"):
            stage.orders[name] = stage.buy()
        for name in ("unmailed", "unmailed_too", "unmailed_three"):
            wait_for_state(stack, stage.orders[name], State.FAILED, seconds=60)
    # One that stays healthy, so that the list shows that too.
    wait_until_done(stack, [stage.buy()])


def compare_books(stack: LiveStack) -> None:
    """Reconcile, after a charge without an order."""
    with override_settings(STRIPE_API_BASE=stack.sandbox_url):
        get_gateway.cache_clear()
        gateway = get_gateway()
        intent = gateway.create(str(uuid.uuid4()), 2400, "JPY", "by-hand-1")
        gateway.confirm(intent.id, VISA, stack.url, "by-hand-2")
        gateway.capture(intent.id, "by-hand-3")
        reconcile(timezone.now() - timedelta(hours=1), grace=timedelta())
        get_gateway.cache_clear()


def lose_goods(stage: Stage) -> Order:
    """Return an order that was charged and whose goods are missing."""
    plan_fault(stage.stack, operation="capture", kind="delay", seconds=4)
    order = stage.buy(units={SHORT: 1})
    wait_until(lambda: saga_of(order).pivot_at, "it is being charged")
    ended = Hold.objects.filter(reference=order.number).update(
        state=Hold.State.RELEASED
    )
    StockItem.objects.filter(sku=SHORT).update(held=F("held") - ended)
    free = StockItem.objects.get(sku=SHORT).free
    adjust(SHORT, -free, "count-7", "counted: the shelf is empty", "yuki")
    wait_for_state(stage.stack, order, State.FAILED, seconds=60)
    return order


def miss_goods(stage: Stage) -> Shortage:
    """Return a shortage of a paid order, about which its customer was asked."""
    order = stage.buy(units={"PLATE-01": 2, "TEA-01": 1})
    wait_until_done(stage.stack, [order])
    by = timezone.localdate() + timedelta(days=5)
    report = Report(
        uid=uuid.uuid4(),
        items=[Units(OrderLine.objects.get(order=order, sku="PLATE-01"), 1)],
        expected_on=by,
        actor="yuki",
        note="one of the two plates is broken",
    )
    shortage = shortages.record(order, report, shelf_is_empty=False)
    (row,) = shortages.missing(shortage)
    mug = substitutes.chosen({row: Variant.objects.get(sku="MUG-01")})
    ask(shortage, shortage.moves, "yuki", by, mug)
    return shortage


@contextmanager
def dead_mail(stack: LiveStack) -> Iterator[None]:
    """Put a file in place of the mails' folder."""
    away = stack.mail_dir.with_name("mail-away")
    stack.mail_dir.rename(away)
    stack.mail_dir.write_text("")
    yield
    stack.mail_dir.unlink()
    away.rename(stack.mail_dir)


@contextmanager
def nobody_at_work(stack: LiveStack) -> Iterator[None]:
    for name in WORKING:
        stack.stop(name)
    yield
    for name in WORKING:
        stack.start(name)


@contextmanager
def banner_up() -> Iterator[None]:
    """Show the announcement of a maintenance on every page."""
    row = put_up("yuki", "the yearly maintenance", BANNER)
    yield
    lift(row, "yuki", "it is over")


@contextmanager
def checkout_paused() -> Iterator[None]:
    """Pause the checkout, with the usual message."""
    row = pause("yuki", "the warehouse moves")
    yield
    lift(row, "yuki", "it has moved")


def hold_still(stage: Stage) -> None:
    """Stop the workers, and add orders in states that usually pass too quickly."""
    for name in WORKING:
        stage.stack.stop(name)
    cut = "no answer within 10 s"
    moments = {
        "working": {"step": "authorize_payment"},
        "retrying": {
            "step": "authorize_payment",
            "error_kind": "retry",
            "error": "Stripe asks for patience (429)",
        },
        "waiting_for_bank": {
            "step": "authorize_payment",
            "waiting_for": "stripe",
            "error": cut,
        },
        "checking_bank": {
            "step": "capture_payment",
            "error_kind": "unknown",
            "error": cut,
        },
    }
    for name, fields in moments.items():
        order = stage.orders[name] = stage.buy()
        Saga.objects.filter(reference=order.number).update(**fields)


def _refreshed(refund: Refund) -> Refund:
    refund.refresh_from_db()
    return refund
