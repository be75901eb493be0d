"""Shortages: record missing goods of a paid order, decide what happens, and do it.

Recording corrects the stock's count at once. A decision moves the parcel and the goods
in one transaction. Money is only promised here: a member of staff refunds it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction

from checkout.aftersales import listeners
from checkout.aftersales.custody import warehouse_may_send
from checkout.mail import outbox
from checkout.mail.models import MailKind
from checkout.promotions import services as promotions
from inventory import losses
from inventory import services as inventory
from orders.errors import NotCharged, ShortageMoved
from orders.models import Order, Payment, Shipment, Shortage, ShortageLine
from orders.parcels import Instead, Units, by_sku, parcel
from orders.transitions import shortages
from orders.transitions.shortages import Decision, Report
from shop.money import Money

Choice = Shortage.Choice


@transaction.atomic
def record(order: Order, report: Report, *, shelf_is_empty: bool) -> Shortage:
    """Record what is missing, hold the parcel back and correct the stock's count.

    The same report twice is one shortage. Raises NotCharged or ShortageRefused, and
    then changes nothing. ``shelf_is_empty``: see ``inventory.losses.Missing``.
    """
    if Payment.objects.get(order=order).status != Payment.Status.CAPTURED:
        raise NotCharged(order.number)
    shortage, is_new = shortages.record(order, report)
    if is_new:
        own = [units for units in report.items if not units.substitute]
        preordered = {each.line.sku for each in own if each.line.release_on}
        for origin, units in by_origin(report.items).items():
            losses.write_off(
                left_as(order, origin),
                losses.Missing(units, shelf_is_empty, () if origin else preordered),
                named(reference_of(shortage), origin),
                report.note[:200],
                report.actor,
            )
    return shortage


@transaction.atomic
def decide(shortage: Shortage, decision: Decision) -> None:
    """Carry out a decision except for the refund, and mail it to the customer.

    Raises ShortageMoved if it was decided meanwhile or a warehouse may send the goods
    that are to be put back, or OutOfStock if substitutes are not free, and then changes
    nothing.
    """
    if decision.choice == Choice.CANCEL and warehouse_may_send(shortage.order_id):
        raise ShortageMoved(shortage)
    refund = refund_for(shortage, decision.choice, decision.instead)
    shortages.decide(shortage, decision, refund.minor)
    if decision.choice == Choice.CANCEL:
        put_back(shortage.order, shortage.decided_by)
        promotions.give_back(shortage.order.number)
    elif decision.choice == Choice.SUBSTITUTE:
        _take(shortage, units_instead(decision.instead))
    _queue_mail(shortage)
    listeners.tell(shortage.order.number)


@transaction.atomic
def arrive(shortage: Shortage, seen: int, actor: str, reason: str) -> None:
    """Take the goods that have arrived from stock, so that the order can be shipped.

    Raises ShortageMoved, or OutOfStock if they are not free, and then changes nothing.
    """
    shortages.arrive(shortage, seen, actor, reason)
    _take(shortage, units_of(shortage))
    listeners.tell(shortage.order.number)


def open_choices(shortage: Shortage) -> list[Choice]:
    """Return the choices that are open now; none once the shortage is settled."""
    if not shortage.is_unsettled:
        return []
    rest = [Choice.PART] if parcel(shortage.order) else []
    # What has left cannot be cancelled: then the rest is sent, or nothing more. What a
    # warehouse may send is cancelled with its order: the warehouse has to agree.
    was_sent = Shipment.objects.filter(order=shortage.order, parcel_count__gt=0)
    is_fixed = was_sent.exists() or warehouse_may_send(shortage.order_id)
    whole = [] if is_fixed else [Choice.CANCEL]
    return [Choice.WAIT, Choice.SUBSTITUTE, *rest, *whole]


def refund_for(
    shortage: Shortage, choice: str, instead: Sequence[Instead] = ()
) -> Money:
    """Return what is refunded after a choice: goods not sent, or a cheaper substitute.

    It is never more than the charge less refunds and less promises of other shortages.
    """
    left = _not_promised(shortage)
    if choice == Choice.CANCEL:
        return left
    amount = Money(0, shortage.currency)
    if choice == Choice.PART:
        for row in missing(shortage):
            amount += Money(_paid_for(row), shortage.currency)
    elif choice == Choice.SUBSTITUTE:
        for each in instead:
            saved = each.row.paid_minor - each.paid_minor
            amount += Money(saved, shortage.currency) * _unpaid(each.row)
    return min(amount, left, key=lambda money: money.minor)


def missing(shortage: Shortage) -> list[ShortageLine]:
    """Return the rows of what is missing, with their goods."""
    return list(shortage.lines.select_related("line", "substitute"))


def units_of(shortage: Shortage) -> dict[str, int]:
    """Return SKU -> missing units."""
    rows = missing(shortage)
    return by_sku(Units(row.line, row.quantity, row.substitute) for row in rows)


def units_instead(instead: Iterable[Instead]) -> dict[str, int]:
    """Return SKU -> units that substitutes take from stock."""
    units: dict[str, int] = defaultdict(int)
    for each in instead:
        units[each.sku] += each.quantity
    return units


def reference_of(shortage: Shortage) -> str:
    """Return the name of a shortage in the stock's ledger."""
    return f"{shortage.order.number} shortage {shortage.pk}"


def owed_for(order: Order) -> Shortage | None:
    """Return the oldest shortage of the order for which money is to be given back."""
    return Shortage.objects.owing().filter(order=order).last()


def of_order(order: Order) -> list[Shortage]:
    """Return the order's shortages with their lines, newest first."""
    related = ("lines__line", "lines__substitute", "lines__instead")
    return list(Shortage.objects.filter(order=order).prefetch_related(*related))


def put_back(order: Order, actor: str) -> None:
    """Put the goods of a parcel that is not sent back into stock."""
    for origin, units in by_origin(shortages.give_up(order)).items():
        name = named(f"{order.number} called off", origin)
        inventory.take_back(left_as(order, origin), units, name, actor)


def by_origin(parts: Iterable[Units]) -> dict[Shortage | None, dict[str, int]]:
    """Group units by the shortage for which they left the stock; None is the order."""
    groups: dict[Shortage | None, list[Units]] = defaultdict(list)
    for units in parts:
        each = units.substitute
        groups[each.place.shortage if each else None].append(units)
    return {origin: by_sku(group) for origin, group in groups.items()}


def left_as(order: Order, origin: Shortage | None) -> str:
    """Return the name under which units left the stock."""
    return reference_of(origin) if origin else order.number


def named(name: str, origin: Shortage | None) -> str:
    """Make names distinct: the ledger has one movement of each kind, name and SKU."""
    return f"{name} of {origin.pk}" if origin else name


def _unpaid(row: ShortageLine) -> int:
    """Count the missing units that were not refunded before."""
    return min(row.quantity, row.line.quantity - row.line.refunded)


def _paid_for(row: ShortageLine) -> int:
    """Return what was paid for the missing units that were not refunded before."""
    units = _unpaid(row)
    if row.substitute:
        return row.substitute.paid_minor * units
    return row.line.paid_for(units, row.line.refunded)


def _not_promised(shortage: Shortage) -> Money:
    """Return what is left of the charge after what is owed for other shortages."""
    left = Payment.objects.get(order=shortage.order_id).refundable
    others = Shortage.objects.owing().filter(order=shortage.order_id)
    for other in others.exclude(pk=shortage.pk):
        left = left - other.owed
    return max(left, Money(0, left.currency), key=lambda money: money.minor)


def _take(shortage: Shortage, units: dict[str, int]) -> None:
    reference = reference_of(shortage)
    inventory.reserve(reference, units, expires_at=None)
    inventory.ship_out(reference)


def _queue_mail(shortage: Shortage) -> None:
    key = f"{shortage.pk}-{shortage.moves}"
    outbox.queue(shortage.order, MailKind.SHORTAGE_DECIDED, key, shortage=shortage.pk)
