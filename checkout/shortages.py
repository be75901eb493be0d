"""Paid orders whose goods are gone: what is recorded, what may be decided, and does.

Finding goods missing corrects the count at once. What is decided then moves the parcel
and the goods in the same transaction. Money is only promised here: a member of staff
gives it back, with the form for refunds.
"""

from django.db import transaction

from checkout import outbox
from checkout.records import MailKind
from inventory import services as inventory
from orders import shortages
from orders.errors import NotCharged
from orders.models import Order, Payment, Shortage
from orders.shortages import Decision, Report
from shop.money import Money

Choice = Shortage.Choice


@transaction.atomic
def record(order: Order, report: Report, *, shelf_is_empty: bool) -> Shortage:
    """Take down what is missing, hold the parcel back and put the count right.

    The same report twice is one shortage. Raises NotCharged or ShortageRefused, and
    then changes nothing. ``shelf_is_empty``: see ``inventory.services.write_off``.
    """
    if Payment.objects.get(order=order).status != Payment.Status.CAPTURED:
        raise NotCharged(order.number)
    shortage, is_new = shortages.record(order, report)
    if is_new:
        inventory.write_off(
            order.number,
            units_of(shortage),
            reference_of(shortage),
            report.note[:200],
            report.actor,
            shelf_is_empty=shelf_is_empty,
        )
    return shortage


@transaction.atomic
def decide(shortage: Shortage, decision: Decision) -> None:
    """Do what was decided, all but giving money back, and tell the customer.

    Raises ShortageMoved when somebody was faster; nothing is changed then.
    """
    refund = refund_for(shortage, decision.choice)
    shortages.decide(shortage, decision, refund.minor)
    if decision.choice == Choice.CANCEL:
        _put_back(shortage)
    _tell(shortage)


@transaction.atomic
def arrive(shortage: Shortage, seen: int, actor: str, reason: str) -> None:
    """Take the goods that were waited for from stock, so that all can be shipped.

    Raises ShortageMoved, or OutOfStock when they are not free; nothing is changed.
    """
    shortages.arrive(shortage, seen, actor, reason)
    _take(shortage, units_of(shortage))


def open_choices(shortage: Shortage) -> list[Choice]:
    """Return what may be decided now: nothing once it is settled."""
    if not shortage.is_unsettled:
        return []
    rest = [Choice.PART] if leftover(shortage) else []
    return [Choice.WAIT, *rest, Choice.CANCEL]


def refund_for(shortage: Shortage, choice: str) -> Money:
    """Return what a choice gives back: the goods' price, or all that is left."""
    payment = Payment.objects.get(order=shortage.order_id)
    if choice == Choice.CANCEL:
        return payment.refundable
    amount = Money(0, shortage.currency)
    if choice != Choice.PART:
        return amount
    for row in shortage.lines.select_related("line"):
        unpaid = min(row.quantity, row.line.quantity - row.line.refunded)
        amount += row.line.unit * unpaid
    return min(amount, payment.refundable, key=lambda each: each.minor)


def leftover(shortage: Shortage) -> dict[str, int]:
    """Return SKU -> units that are there, and can be shipped without the others."""
    lines = shortage.order.lines.all()
    left = {line.sku: line.quantity - line.restocked for line in lines}
    return {sku: units for sku, units in left.items() if units}


def units_of(shortage: Shortage) -> dict[str, int]:
    """Return SKU -> missing units."""
    return dict(shortage.lines.values_list("line__sku", "quantity"))


def reference_of(shortage: Shortage) -> str:
    """Name a shortage in the stock's ledger."""
    return f"{shortage.order.number} shortage {shortage.pk}"


def owed_for(order: Order) -> Shortage | None:
    """Return the oldest shortage of the order for which money is to be given back."""
    return Shortage.objects.owing().filter(order=order).last()


def of_order(order: Order) -> list[Shortage]:
    rows = Shortage.objects.filter(order=order)
    return list(rows.prefetch_related("lines__line"))


def _put_back(shortage: Shortage) -> None:
    """The goods that were there do not go out either."""
    units = shortages.give_up(shortage.order.lines.all())
    if units:
        number = shortage.order.number
        inventory.take_back(number, units, f"{number} called off", shortage.decided_by)


def _take(shortage: Shortage, units: dict[str, int]) -> None:
    reference = reference_of(shortage)
    inventory.reserve(reference, units, expires_at=None)
    inventory.ship_out(reference)


def _tell(shortage: Shortage) -> None:
    key = f"{shortage.pk}-{shortage.moves}"
    outbox.queue(shortage.order, MailKind.SHORTAGE_DECIDED, key, shortage=shortage.pk)
