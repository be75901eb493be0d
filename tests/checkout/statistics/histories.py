"""Random histories of orders, written by the shop's own transitions."""

import random
import uuid
from datetime import UTC, datetime, timedelta

from django.db.models import F

from events.models import Event
from orders import transitions
from orders.models import Order, OrderEvent, OrderLine, Payment, Refund
from orders.transitions import refunds
from shop.money import included_tax
from tests.support.orders import make_order

# Around midnight in Japan, where days begin nine hours earlier than in UTC.
FIRST = datetime(2026, 3, 1, 14, 0, tzinfo=UTC)
SKUS = ("MUG-01", "TEA-01", "POT-01")
# Whose tax, and its rates: Japan's, an export, and of countries for which it collects
# a tax. One has a rate that Japan has as well.
TAXES = [
    *([("JP", "", [10, 8])] * 3),
    *[("JP", "", [0]), ("AU", "GST", [10, 0]), ("DE", "VAT", [19, 7])],
]


def shuffled(events: list[Event], seed: int) -> list[Event]:
    return random.Random(seed).sample(events, len(events))  # noqa: S311


class Histories:
    """Orders to which random things happen: charges, refunds, failures, ends."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311
        self.orders: list[Order] = []

    def act(self) -> None:
        """Let one thing happen to one order."""
        acts = (self.place, self.place, self.refund, self.refund, self.find)
        later = (self.end, self.end, self.exchange, self.cancel)
        self.chance.choice((*acts, *later))()

    def place(self) -> None:
        """Place an order with discounts and a country's rates; most are charged."""
        country, name, rates = self.chance.choice(TAXES)
        chosen = self.chance.sample(SKUS, self.chance.randint(1, 3))
        order = make_order({sku: self.chance.randint(1, 4) for sku in chosen})
        off = 0
        for line in order.lines.all():
            line.tax_rate = self.chance.choice(rates)
            line.unit_minor = self.chance.randint(1, 3000)
            whole = line.unit_minor * line.quantity
            line.discount_minor = self.chance.choice([0, self.chance.randint(0, whole)])
            off += line.discount_minor
            line.save()
        lines = list(order.lines.all())
        order.discount_minor = off
        order.shipping_minor = self.chance.choice([0, 550])
        order.subtotal_minor = sum(one.unit_minor * one.quantity for one in lines)
        order.total_minor = order.subtotal_minor + order.shipping_minor - off
        gross = {rates[0]: order.shipping_minor}
        for line in lines:
            paid = gross.get(line.tax_rate, 0) + line.paid_minor
            gross[line.tax_rate] = paid
        of = {"country": country, "name": name} if name else {}
        order.tax = [
            {"rate": rate, "gross": amount, "tax": included_tax(amount, rate), **of}
            for rate, amount in sorted(gross.items(), reverse=True)
            if amount
        ]
        order.save()
        transitions.record_event(order.pk, OrderEvent.Name.ORDER_PLACED)
        if order.total_minor and self.chance.random() < 0.8:
            self._charge(order)
            self.orders.append(order)

    def _charge(self, order: Order) -> None:
        # Now and then staff charge another amount on Stripe's own pages.
        amount = order.total_minor + self.chance.choice([0, 0, 0, 10])
        payment = Payment.objects.get(order=order)
        transitions.capture(payment, amount, f"ch_{order.pk}")
        rows = Payment.objects.filter(pk=payment.pk)
        rows.update(captured_at=self._time(), charge_id=f"ch_{order.pk}")

    def refund(self) -> None:
        """Request a refund of units, of an amount, or of both."""
        order = self._order()
        if order is None:
            return
        payment = order.payment
        items = [
            refunds.Item(line, self.chance.randint(1, line.quantity - line.refunded))
            for line in order.lines.all()
            if line.refunded < line.quantity and self.chance.random() < 0.4
        ]
        named = sum(item.paid_minor for item in items)
        amount = self.chance.choice([named, self.chance.randint(1, 4000)])
        amount = min(amount, payment.refundable.minor)
        if amount <= 0:
            return
        wanted = refunds.RefundRequest(
            uid=uuid.UUID(int=self.chance.getrandbits(128)),
            amount_minor=amount,
            seen_minor=payment.refunded_minor,
            items=items,
            actor="yuki",
            reason="broken",
        )
        refunds.request(payment, wanted, FIRST)

    def find(self) -> None:
        """Find a refund that was made at Stripe, or is on its way there."""
        order = self._order()
        if order is None or not order.payment.refundable.minor:
            return
        amount = self.chance.randint(1, order.payment.refundable.minor)
        number = f"re_{self.chance.getrandbits(60)}"
        is_made = self.chance.random() < 0.5
        found = refunds.FoundAtProvider(number, amount, is_made)
        row = refunds.record_found(order.payment, found)
        if row is not None and is_made:
            Refund.objects.filter(pk=row.pk).update(succeeded_at=self._time())

    def end(self) -> None:
        """Let a refund succeed, or fail: also one that had succeeded."""
        rows = list(Refund.objects.order_by("pk"))
        if not rows:
            return
        row = self.chance.choice(rows)
        if self.chance.random() < 0.3:
            refunds.fail(row, "the bank sent it back")
        elif refunds.succeed(row, row.refund_id or f"re_{row.pk}"):
            Refund.objects.filter(pk=row.pk).update(succeeded_at=self._time())

    def exchange(self) -> None:
        """Send goods in place of others: no money moves."""
        order = self._order()
        if order is not None:
            name = OrderEvent.Name.EXCHANGE_SENT
            transitions.record_event(order.pk, name, key=str(self.chance.random()))

    def cancel(self) -> None:
        """Cancel a charged order: all that is left goes back."""
        order = self._order()
        if order is None or not order.payment.refundable.minor:
            return
        reason = OrderEvent.Name.ORDER_CANCELLED
        transitions.record_event(order.pk, reason, reason="customer")
        lines = OrderLine.objects.filter(order=order, quantity__gt=F("refunded"))
        wanted = refunds.RefundRequest(
            uid=uuid.UUID(int=self.chance.getrandbits(128)),
            amount_minor=order.payment.refundable.minor,
            seen_minor=order.payment.refunded_minor,
            items=[refunds.Item(one, one.quantity - one.refunded) for one in lines],
            actor="yuki",
            reason="cancelled",
        )
        row = refunds.request(order.payment, wanted, FIRST)
        if refunds.succeed(row, f"re_{row.pk}"):
            Refund.objects.filter(pk=row.pk).update(succeeded_at=self._time())

    def _order(self) -> Order | None:
        if not self.orders:
            return None
        return Order.objects.get(pk=self.chance.choice(self.orders).pk)

    def _time(self) -> datetime:
        return FIRST + timedelta(minutes=self.chance.randint(0, 4 * 1440))
