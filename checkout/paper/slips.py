"""Papers that go with a parcel: the packing slip and the delivery note."""

from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from checkout.cart.wish_wording import write_gift
from checkout.paper.document import Document, Fact, Line
from checkout.paper.kinds import PaperKind
from checkout.paper.parts import (
    day,
    delivery,
    marked,
    recipient_lines,
    reduced_note,
    seller_lines,
    total_label,
)
from checkout.shipping.slots import write_wish
from checkout.shipping.wording import write_day
from orders.models import Order, Parcel
from orders.parcels import Units, parcel
from shop.formatting import Wording, price
from shop.money import Money
from shop.profile.selectors import read_seller

# Unless asked otherwise, prices are left out of the parcel of a packing slip only.
PRICED = {PaperKind.PACKING_SLIP: False, PaperKind.DELIVERY_NOTE: True}


@dataclass(frozen=True)
class Box:
    """What one parcel of several holds: parcel ``number`` of ``count``.

    ``has_left`` is False for what still has to be packed.
    """

    parts: list[Units]
    number: int
    count: int
    has_left: bool


def make_slips(
    kind: PaperKind,
    order: Order,
    *,
    number: int = 0,
    prices: bool | None = None,
    language: str = "",
) -> list[Document]:
    """Return the papers for what is in the order's parcels, or will be.

    A delivery note is one paper for all goods. Of an order with several parcels a
    packing slip names its parcel: while goods are to be sent, the one that follows,
    afterwards each in turn; ``number`` chooses one of those that left.

    They are in the order's language unless ``language`` names another one. ``prices``:
    whether they show them; None: as their kind does. A gift's never do.
    """
    language = language or order.language
    priced = not order.gift and (PRICED[kind] if prices is None else prices)
    with translation.override(language):
        parts = parcel(order)
        boxes: list[Box | None] = [
            *(
                _boxes_of_order(order, parts, number)
                if kind == PaperKind.PACKING_SLIP
                else []
            )
        ]
        return [
            _make(
                kind, order, box.parts if box else parts, box, language, priced=priced
            )
            for box in boxes or [None]
        ]


def _make(
    kind: PaperKind,
    order: Order,
    parts: list[Units],
    box: Box | None,
    language: str,
    *,
    priced: bool,
) -> Document:
    rates = [units.line.tax_rate for units in parts] if priced else []
    total = sum((_price(units) * units.quantity for units in parts), start=0)
    discount = sum((_discount(units) for units in parts), start=0)
    is_rest = box is not None and not box.has_left
    sent_before = _("The other items of this order were sent before.")
    return Document(
        language=language,
        title=TITLES[kind](),
        number=order.number,
        facts=_facts(kind, order, parts, box),
        seller=seller_lines(read_seller()),
        addressee=recipient_lines(order),
        lines=tuple(line_of(units, order, priced=priced) for units in parts),
        columns=columns(priced=priced),
        amounts=_amounts(order, total, discount) if priced else (),
        notes=(
            *_leads(kind, order),
            *([sent_before] if is_rest else []),
            *reduced_note(rates, order),
        ),
    )


def _boxes_of_order(order: Order, parts: list[Units], number: int) -> list[Box]:
    """Return the parcels that a slip is wanted for; [] for the only one."""
    if not any(units.goods.shipped for units in parts):
        return []
    rest = [
        replace(units, quantity=units.goods.due) for units in parts if units.goods.due
    ]
    return boxes_of(Parcel.objects.filter(shipment__order=order), rest, number)


def boxes_of(rows: QuerySet[Parcel], rest: list[Units], number: int) -> list[Box]:
    """Return the boxes of these parcels and of the rest, as ``make_slips`` says."""
    goods = ("lines__line", "lines__substitute__place__line")
    sent = list(rows.order_by("number").prefetch_related(*goods))
    count = len(sent) + bool(rest)
    boxes = [Box(_contents(each), each.number, count, has_left=True) for each in sent]
    if number:
        return [box for box in boxes if box.number == number and count > 1]
    if rest:
        return [Box(rest, count, count, has_left=False)]
    return boxes if count > 1 else []


def _contents(sent: Parcel) -> list[Units]:
    return [Units(row.line, row.quantity, row.substitute) for row in sent.lines.all()]


TITLES = {
    PaperKind.PACKING_SLIP: lambda: _("Packing slip"),
    PaperKind.DELIVERY_NOTE: lambda: _("Delivery note"),
}
_LEADS = {
    PaperKind.PACKING_SLIP: lambda: _("Thank you for your order."),
    PaperKind.DELIVERY_NOTE: lambda: _("We deliver the goods listed above."),
}


def _leads(kind: PaperKind, order: Order) -> list[Wording]:
    """Return the first notes: of a gift what the giver says to the recipient."""
    return [order.gift_message] if order.gift_message else [_LEADS[kind]()]


def _facts(
    kind: PaperKind, order: Order, parts: list[Units], box: Box | None
) -> tuple[Fact, ...]:
    units = sum(each.quantity for each in parts)
    return (
        Fact(_("Order"), order.number),
        *facts_of_box(box),
        Fact(_("Ordered on"), day(order.placed_at)),
        *_promise(kind, order),
        Fact(_("Units in all"), str(units)),
    )


def facts_of_box(box: Box | None) -> list[Fact]:
    """Return which parcel of how many it is, if there are several."""
    of_several = _("%(number)d of %(count)d")
    return [Fact(_("Parcel"), of_several % vars(box))] if box else []


def _promise(kind: PaperKind, order: Order) -> list[Fact]:
    """Return how the order is sent, and when it is to arrive; for packers, by when."""
    ship_by = order.ship_by if kind == PaperKind.PACKING_SLIP else None
    facts = [
        Fact(_("Shipping method"), order.shipping_method),
        Fact(_("Pick up at"), order.pickup_place),
        Fact(
            _("Ready by") if order.is_pickup else _("Ship by"),
            write_day(ship_by) if ship_by else "",
        ),
        Fact(
            _("Delivery day and time"),
            write_wish(order.delivery_on, order.delivery_slot),
        ),
    ]
    facts.append(Fact(_("Delivery"), delivery(order.delivery)))
    if kind == PaperKind.PACKING_SLIP:
        facts.append(Fact(_("Gift"), write_gift(order.gift)))
        # The recipient of a gift must not read what its giver wrote to the shop.
        facts.append(Fact(_("Customer's note"), "" if order.gift else order.note))
    return [fact for fact in facts if fact.value]


def columns(*, priced: bool) -> tuple[str, ...]:
    if priced:
        return (_("Item"), _("Unit price"), _("Quantity"), _("Line total"))
    return (_("Item"), _("Quantity"))


def line_of(units: Units, order: Order, *, priced: bool) -> Line:
    goods, unit = units.goods, Money(_price(units), units.line.currency)
    instead = (
        _("in place of %(name)s") % {"name": units.line.name}
        if units.substitute
        else ""
    )
    name = marked(goods.name, units.line.tax_rate, order) if priced else goods.name
    return Line(
        name=name,
        quantity=units.quantity,
        sku=goods.sku,
        detail=", ".join(text for text in (goods.variant, instead) if text),
        unit=price(unit) if priced else "",
        total=price(unit * units.quantity) if priced else "",
    )


def _price(units: Units) -> int:
    """Return the price of one before discounts, in minor units.

    Of a substitute it is what the customer paid, which has the discount in it.
    """
    return units.substitute.paid_minor if units.substitute else units.line.unit_minor


def _discount(units: Units) -> int:
    """Return the share of these units in their line's discount, in minor units."""
    if units.substitute:
        return 0
    line, quantity = units.line, units.quantity
    return line.unit_minor * quantity - line.paid_for(quantity)


def _amounts(order: Order, goods: int, discount: int) -> tuple[Fact, ...]:
    subtotal, off = Money(goods, order.currency), Money(discount, order.currency)
    reduced = [Fact(_("Discount"), f"-{price(off)}")] if off else []
    return (
        Fact(_("Subtotal"), price(subtotal)),
        *reduced,
        Fact(_("Shipping"), price(order.shipping)),
        Fact(total_label(order), price(subtotal - off + order.shipping)),
    )
