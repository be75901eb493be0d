"""Paid orders whose goods are gone: what is recorded, what may be decided, and does.

Finding goods missing corrects the count at once. What is decided then moves the parcel
and the goods in the same transaction. Money is only promised here: a member of staff
gives it back, with the form for refunds.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction

from checkout.mail import outbox
from checkout.mail.models import MailKind
from inventory import services as inventory
from orders.errors import NotCharged
from orders.models import Order, Payment, Shortage, ShortageLine
from orders.parcels import Instead, Units, by_sku, parcel
from orders.transitions import shortages
from orders.transitions.shortages import Decision, Report
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
        for origin, units in _by_origin(report.items).items():
            inventory.write_off(
                reference_of(origin) if origin else order.number,
                units,
                reference_of(shortage) + _of(origin),
                report.note[:200],
                report.actor,
                shelf_is_empty=shelf_is_empty,
            )
    return shortage


@transaction.atomic
def decide(shortage: Shortage, decision: Decision) -> None:
    """Do what was decided, all but giving money back, and tell the customer.

    Raises ShortageMoved when somebody was faster, or OutOfStock for substitutes that
    are not free; nothing is changed then.
    """
    refund = refund_for(shortage, decision.choice, decision.instead)
    shortages.decide(shortage, decision, refund.minor)
    if decision.choice == Choice.CANCEL:
        _put_back(shortage)
    elif decision.choice == Choice.SUBSTITUTE:
        _take(shortage, units_instead(decision.instead))
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
    rest = [Choice.PART] if parcel(shortage.order) else []
    return [Choice.WAIT, Choice.SUBSTITUTE, *rest, Choice.CANCEL]


def refund_for(
    shortage: Shortage, choice: str, instead: Sequence[Instead] = ()
) -> Money:
    """Return what a choice gives back: what is not sent, or what is saved by it.

    Never more than is left of the charge beside what is promised for other shortages.
    """
    left = _not_promised(shortage)
    if choice == Choice.CANCEL:
        return left
    amount = Money(0, shortage.currency)
    if choice == Choice.PART:
        for row in missing(shortage):
            amount += Money(row.paid_minor, shortage.currency) * _unpaid(row)
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
    """Name a shortage in the stock's ledger."""
    return f"{shortage.order.number} shortage {shortage.pk}"


def owed_for(order: Order) -> Shortage | None:
    """Return the oldest shortage of the order for which money is to be given back."""
    return Shortage.objects.owing().filter(order=order).last()


def of_order(order: Order) -> list[Shortage]:
    told = ("lines__line", "lines__substitute", "lines__instead")
    return list(Shortage.objects.filter(order=order).prefetch_related(*told))


def _put_back(shortage: Shortage) -> None:
    """The goods that were there do not go out either."""
    order = shortage.order
    for origin, units in _by_origin(shortages.give_up(order)).items():
        left_as = reference_of(origin) if origin else order.number
        named = f"{order.number} called off{_of(origin)}"
        inventory.take_back(left_as, units, named, shortage.decided_by)


def _by_origin(parts: Iterable[Units]) -> dict[Shortage | None, dict[str, int]]:
    """Return SKU -> units by the shortage under which they left; None: the order."""
    groups: dict[Shortage | None, list[Units]] = defaultdict(list)
    for units in parts:
        each = units.substitute
        groups[each.place.shortage if each else None].append(units)
    return {origin: by_sku(group) for origin, group in groups.items()}


def _of(origin: Shortage | None) -> str:
    """Tell names apart: the ledger takes one movement of a kind, name and SKU."""
    return f" of {origin.pk}" if origin else ""


def _unpaid(row: ShortageLine) -> int:
    """Count the missing units that were not refunded before."""
    return min(row.quantity, row.line.quantity - row.line.refunded)


def _not_promised(shortage: Shortage) -> Money:
    """Return what is left of the charge beside what is owed for other shortages."""
    left = Payment.objects.get(order=shortage.order_id).refundable
    others = Shortage.objects.owing().filter(order=shortage.order_id)
    for other in others.exclude(pk=shortage.pk):
        left = left - other.owed
    return max(left, Money(0, left.currency), key=lambda money: money.minor)


def _take(shortage: Shortage, units: dict[str, int]) -> None:
    reference = reference_of(shortage)
    inventory.reserve(reference, units, expires_at=None)
    inventory.ship_out(reference)


def _tell(shortage: Shortage) -> None:
    key = f"{shortage.pk}-{shortage.moves}"
    outbox.queue(shortage.order, MailKind.SHORTAGE_DECIDED, key, shortage=shortage.pk)
