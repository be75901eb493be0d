"""What a code from the barcode scanner does: open an order, or ship the open one."""

import re
import unicodedata
from dataclasses import dataclass

from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from checkout.aftersales.dispatch import check_shippable, ship
from checkout.aftersales.dispatch_errors import NotShippable, PickedUp
from checkout.aftersales.exchanges import send
from orders import transitions
from orders.errors import (
    BeingPacked,
    IllegalMove,
    ReturnRefused,
)
from orders.exchange_errors import ExchangeMoved
from orders.models import Exchange, Order, Parcel, Shipment, tracking_key
from orders.transitions import exchanges

NUMBER = re.compile(r"\d{6}-[0-9A-Z]{6}(-X[0-9]{1,5})?")
# Carriers' codes are in Codabar (NW-7): a scanner may send its start and stop letters.
_CODABAR = re.compile(r"[A-D]([0-9-]+)[A-D]")
_TRACKING = re.compile(r"[0-9A-Z-]{4,40}")


@dataclass(frozen=True)
class Answer:
    """What was done. ``number``: the order or exchange that is open now, or "".

    ``former`` is the packer from whom it was taken over, or "".
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

    The number of an order or an exchange opens it. Any other code is the tracking
    number of what is open, ``current``: everything that is left of it is shipped.
    """
    code = clean(code)
    if not NUMBER.fullmatch(code):
        return _read_tracking(code, current, carrier, actor)
    found = find(code)
    if found is None:
        text = gettext("There is no order %(number)s.") % {"number": code}
        return Answer(text, current, is_good=False)
    return open_any(found, actor)


def find(number: str) -> Order | Exchange | None:
    """Return the order or the exchange that has this number."""
    rows = Exchange.objects.select_related("returned__order")
    found = rows.filter(number=number).first()
    return found or Order.objects.filter(number=number).first()


def open_any(found: Order | Exchange, actor: str, *, take_over: bool = False) -> Answer:
    """Claim an order or an exchange for this packer."""
    if isinstance(found, Order):
        return open_order(found, actor, take_over=take_over)
    return open_exchange(found, actor, take_over=take_over)


def put_back(found: Order | Exchange, actor: str) -> Answer:
    """Give the claim back."""
    if isinstance(found, Order):
        transitions.stop_packing(found, actor)
    else:
        exchanges.stop_packing(found, actor)
    text = gettext("%(number)s is back among the orders to pack.")
    return Answer(text % {"number": found.number})


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
    return _opened(order.number, former)


def open_exchange(exchange: Exchange, actor: str, *, take_over: bool = False) -> Answer:
    """Claim an exchange for this packer. Say from whom it was taken over, if so."""
    former = exchange.packer if exchange.packer != actor else ""
    try:
        exchanges.start_packing(exchange, actor, take_over=take_over)
    except ExchangeMoved as refusal:
        return Answer(str(refusal.sentence), is_good=False)
    except BeingPacked as refusal:
        return Answer(refusal.sentence, exchange.number, is_good=False)
    return _opened(exchange.number, former)


def _opened(number: str, former: str) -> Answer:
    text = gettext("%(number)s: pack it, then scan the tracking number.")
    if former:
        text = gettext(
            "%(number)s: you took it over from %(who)s. Look whether it is packed "
            "already, then scan the tracking number."
        )
    values = {"number": number, "who": former}
    return Answer(text % values, number, former=former)


def _read_tracking(code: str, current: str, carrier: str, actor: str) -> Answer:
    if not _TRACKING.fullmatch(code):
        text = gettext("“%(code)s” is neither an order number nor a tracking number.")
        return Answer(text % {"code": code[:40]}, current, is_good=False)
    known = _parcel_with(code)
    if known:
        return _answer_known(*known, current)
    found = find(current) if current else None
    if found is None:
        text = gettext("Scan an order number first. No parcel has the number %(code)s.")
        return Answer(text % {"code": code}, is_good=False)
    if isinstance(found, Order):
        return _ship(found, code, carrier, actor)
    return _ship_exchange(found, code, carrier, actor)


def _parcel_with(code: str) -> tuple[str, str] | None:
    """Return a known parcel: its tracking number, and its order or exchange."""
    parcels = Parcel.objects.filter(tracking_key=tracking_key(code))
    number = Coalesce("shipment__order__number", "exchange__number")
    return parcels.values_list("tracking_number", number).first()


def _ship(order: Order, code: str, carrier: str, actor: str) -> Answer:
    """Ship what is left of the order, unless another packer has it."""
    claim = open_order(order, actor)
    if not claim.is_good:
        return claim
    try:
        parcel = ship(order, carrier=carrier, tracking_number=code, actor=actor)
    except NotShippable as refusal:
        return Answer(refusal.sentence, is_good=False)
    return _shipped(order.number, code, is_new=parcel is not None)


def _ship_exchange(exchange: Exchange, code: str, carrier: str, actor: str) -> Answer:
    """Send what is left of it, unless another packer has it. A pick-up has no label."""
    claim = open_exchange(exchange, actor)
    if not claim.is_good:
        return claim
    if exchange.order.is_pickup:
        return Answer(PickedUp(exchange.order).sentence, is_good=False)
    try:
        parcel = send(exchange, carrier=carrier, tracking_number=code, actor=actor)
    except ReturnRefused as refusal:
        return Answer(str(refusal.sentence), is_good=False)
    return _shipped(exchange.number, code, is_new=parcel is not None)


def _shipped(number: str, code: str, *, is_new: bool) -> Answer:
    if not is_new:
        text = gettext("%(number)s was shipped before; nothing changed.")
        return Answer(text % {"number": number})
    text = gettext("%(number)s is shipped with %(code)s. Scan the next order.")
    return Answer(text % {"number": number, "code": code})


def _answer_known(code: str, number: str, current: str) -> Answer:
    values = {"code": code, "number": number}
    if current and current != number:
        text = gettext(
            "%(code)s is the number of a parcel of %(number)s already: scan the label "
            "of this order."
        )
        return Answer(text % values, current, is_good=False)
    text = gettext("%(code)s is a parcel of %(number)s. It is recorded as shipped.")
    return Answer(text % values)
