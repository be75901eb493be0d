"""What a code from the barcode scanner does: open an order, or ship the open one."""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext

from checkout.aftersales.dispatch import check_shippable, ship
from checkout.aftersales.dispatch_errors import NotShippable
from orders import transitions
from orders.errors import BeingPacked, IllegalMove
from orders.models import Order, Parcel, Shipment, tracking_key

_NUMBER = re.compile(r"\d{6}-[0-9A-Z]{6}")
# Carriers' codes are in Codabar (NW-7): a scanner may send its start and stop letters.
_CODABAR = re.compile(r"[A-D]([0-9-]+)[A-D]")
_TRACKING = re.compile(r"[0-9A-Z-]{4,40}")


@dataclass(frozen=True)
class Answer:
    """What was done. ``number``: the order that is open now, or "".

    ``former`` is the packer from whom the order was taken over, or "".
    """

    text: str
    number: str = ""
    is_good: bool = True
    former: str = ""


def clean(code: str) -> str:
    """Return the code as it is compared: half width, in capitals, without Codabar."""
    plain = unicodedata.normalize("NFKC", code).strip().upper()
    found = _CODABAR.fullmatch(plain)
    return found.group(1) if found else plain


def read(code: str, current: str, carrier: str, actor: str) -> Answer:
    """Do what the code means, for this packer.

    An order's number opens that order. Any other code is the tracking number of the
    order that is open, ``current``: everything that is left of it is shipped.
    """
    code = clean(code)
    if _NUMBER.fullmatch(code):
        order = Order.objects.filter(number=code).first()
        if order is None:
            text = gettext("There is no order %(number)s.") % {"number": code}
            return Answer(text, current, is_good=False)
        return open_order(order, actor)
    return _read_tracking(code, current, carrier, actor)


def open_order(order: Order, actor: str, *, take_over: bool = False) -> Answer:
    """Claim an order for this packer. Say from whom it was taken over, if so."""
    rows = Shipment.objects.filter(order=order).exclude(packer=actor)
    try:
        check_shippable(order)
        former = "".join(rows.values_list("packer", flat=True))
        transitions.start_packing(order, actor, take_over=take_over)
    except NotShippable as refusal:
        return Answer(refusal.sentence, is_good=False)
    except BeingPacked as refusal:
        # Its page stays open, for the button that takes it over.
        return Answer(refusal.sentence, order.number, is_good=False)
    except IllegalMove:
        order.refresh_from_db()
        return Answer(str(NotShippable(order).sentence), is_good=False)
    text = gettext("%(number)s: pack it, then scan the tracking number.")
    if former:
        text = gettext(
            "%(number)s: you took it over from %(who)s. Look whether it is packed "
            "already, then scan the tracking number."
        )
    values = {"number": order.number, "who": former}
    return Answer(text % values, order.number, former=former)


def _read_tracking(code: str, current: str, carrier: str, actor: str) -> Answer:
    if not _TRACKING.fullmatch(code):
        text = gettext("“%(code)s” is neither an order number nor a tracking number.")
        return Answer(text % {"code": code[:40]}, current, is_good=False)
    known = (
        Parcel.objects.filter(tracking_key=tracking_key(code))
        .select_related("shipment__order")
        .first()
    )
    if known:
        return _answer_known(known, current)
    order = Order.objects.filter(number=current).first()
    if order is None:
        text = gettext("Scan an order number first. No parcel has the number %(code)s.")
        return Answer(text % {"code": code}, is_good=False)
    return _ship(order, code, carrier, actor)


def _ship(order: Order, code: str, carrier: str, actor: str) -> Answer:
    """Ship what is left of the order, unless another packer has it."""
    claim = open_order(order, actor)
    if not claim.is_good:
        return claim
    try:
        parcel = ship(order, carrier=carrier, tracking_number=code, actor=actor)
    except NotShippable as refusal:
        return Answer(refusal.sentence, is_good=False)
    if parcel is None:
        text = gettext("%(number)s was shipped before; nothing changed.")
        return Answer(text % {"number": order.number})
    text = gettext("%(number)s is shipped with %(code)s. Scan the next order.")
    return Answer(text % {"number": order.number, "code": code})


def _answer_known(parcel: Parcel, current: str) -> Answer:
    values = {"code": parcel.tracking_number, "number": parcel.shipment.order.number}
    if current and current != values["number"]:
        text = gettext(
            "%(code)s is the number of a parcel of %(number)s already: scan the label "
            "of this order."
        )
        return Answer(text % values, current, is_good=False)
    text = gettext("%(code)s is a parcel of %(number)s. It is recorded as shipped.")
    return Answer(text % values)
