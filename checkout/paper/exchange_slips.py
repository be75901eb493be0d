"""Papers that go with a parcel of what is sent again for a return."""

from django.utils import translation
from django.utils.translation import gettext as _

from checkout.paper.document import Document, Fact
from checkout.paper.kinds import PaperKind
from checkout.paper.parts import delivery, recipient_lines, seller_lines
from checkout.paper.slips import (
    PRICED,
    TITLES,
    Box,
    boxes_of,
    columns,
    facts_of_box,
    line_of,
)
from orders.models import Exchange, Parcel
from orders.parcels import Units
from shop.profile.selectors import read_seller


def make_exchange_slips(
    kind: PaperKind,
    exchange: Exchange,
    *,
    number: int = 0,
    prices: bool | None = None,
    language: str = "",
) -> list[Document]:
    """Return the papers for what is sent in exchange for returned items.

    They are as ``make_slips`` makes them for an order, with the exchange's number.
    Prices are what the customer paid for the first ones; nothing is charged again.
    """
    order, rows = exchange.order, exchange.returned.lines.all()
    language = language or order.language
    priced = not order.gift and (PRICED[kind] if prices is None else prices)
    with translation.override(language):
        parts = [
            Units(row.line, row.exchanged, row.substitute)
            for row in rows
            if row.exchanged
        ]
        boxes: list[Box | None] = []
        if kind == PaperKind.PACKING_SLIP and exchange.parcel_count:
            rest = [
                Units(row.line, row.due_again, row.substitute)
                for row in rows
                if row.due_again
            ]
            boxes += boxes_of(Parcel.objects.filter(exchange=exchange), rest, number)
        return [
            _make_exchange_slip(
                kind,
                exchange,
                box.parts if box else parts,
                box,
                language,
                priced=priced,
            )
            for box in boxes or [None]
        ]


def _make_exchange_slip(
    kind: PaperKind,
    exchange: Exchange,
    parts: list[Units],
    box: Box | None,
    language: str,
    *,
    priced: bool,
) -> Document:
    order = exchange.order
    sent_before = _("The other items of this exchange were sent before.")
    is_rest = box is not None and not box.has_left
    facts = (
        Fact(_("Exchange"), exchange.number),
        *facts_of_box(box),
        Fact(_("Shipping method"), order.shipping_method),
        Fact(_("Pick up at"), order.pickup_place),
        Fact(_("Delivery"), delivery(order.delivery)),
        Fact(_("Units in all"), str(sum(each.quantity for each in parts))),
    )
    return Document(
        language=language,
        title=TITLES[kind](),
        number=exchange.number,
        facts=tuple(fact for fact in facts if fact.value),
        seller=seller_lines(read_seller()),
        addressee=recipient_lines(order),
        lines=tuple(line_of(units, order, priced=priced) for units in parts),
        columns=columns(priced=priced),
        notes=(
            _("In exchange for items that you returned, at no charge."),
            *([sent_before] if is_rest else []),
        ),
    )
