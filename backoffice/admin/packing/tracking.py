"""Tracking numbers from a CSV file: read them, say what is wrong, ship the orders."""

import csv
import io
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from backoffice.admin.packing.scan import clean
from checkout.aftersales import exchanges
from checkout.aftersales.dispatch import check_shippable, ship
from checkout.aftersales.dispatch_errors import NotShippable, PickedUp
from orders.errors import ReturnRefused
from orders.exchange_errors import ExchangeMoved
from orders.models import Carrier, Exchange, Order, Parcel, tracking_key
from shop.text.stored import storable

LARGEST_FILE = 512 * 1024
MOST_LINES = 1000
# The names of the columns, as this shop, B2 Cloud and e-Hiden write them.
_NUMBERS = ("order", "order number", "注文番号", "お客様管理番号")
_TRACKINGS = (
    "tracking number",
    "tracking",
    "お問い合わせ番号",
    "伝票番号",
    "お問い合せ送り状No.",
)
_CARRIERS = ("carrier", "配送会社")
# A parcel of a file is known by this and its numbers, so that it is sent once.
_NAMESPACE = uuid.UUID("7d1f6c3e-64a8-4b57-9d2c-3f0a1f6b0b36")
LONGEST = 40
_ORDER = "returned__order"


class UnreadableFile(Exception):
    """The file is not such a table. ``sentence`` tells staff why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Line:
    """One line of the file. ``number`` is the order's; ``line`` counts from 1."""

    line: int
    number: str
    tracking: str
    carrier: str


@dataclass(frozen=True)
class Checked:
    """A line and what becomes of it. ``problem`` says why nothing does, else ""."""

    line: Line
    problem: str = ""
    is_known: bool = False

    @property
    def is_due(self) -> bool:
        return not self.problem and not self.is_known


def parse(content: bytes, carrier: str) -> list[Line]:
    """Return the lines of a file in UTF-8 or Shift_JIS. Raises UnreadableFile."""
    if len(content) > LARGEST_FILE:
        raise UnreadableFile(gettext("The file is too large: at most 512 KB."))
    rows = list(csv.reader(io.StringIO(_decode(content)), strict=False))
    if not rows:
        raise UnreadableFile(gettext("The file is empty."))
    names = [_folded(name) for name in rows[0]]
    at = {"number": _find(names, _NUMBERS), "tracking": _find(names, _TRACKINGS)}
    if None in at.values():
        text = gettext(
            "The first line must name the columns: one of %(numbers)s and one of "
            "%(trackings)s."
        )
        values = {"numbers": ", ".join(_NUMBERS), "trackings": ", ".join(_TRACKINGS)}
        raise UnreadableFile(text % values)
    if len(rows) > MOST_LINES + 1:
        text = gettext("The file has too many lines: at most %(count)d.")
        raise UnreadableFile(text % {"count": MOST_LINES})
    carrier_at = _find(names, _CARRIERS)
    return [
        Line(
            line=position,
            number=clean(_cell(row, at["number"])),
            tracking=clean(_cell(row, at["tracking"])),
            carrier=_cell(row, carrier_at).lower() or carrier,
        )
        for position, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]


def check(lines: Sequence[Line]) -> list[Checked]:
    """Say of each line what becomes of it. Changes nothing."""
    orders = _read({line.number for line in lines})
    known = _read_known({tracking_key(line.tracking) for line in lines})
    seen: dict[str, int] = {}
    found = []
    for line in lines:
        key = tracking_key(line.tracking)
        twice = seen.get(key) or seen.get(line.number)
        checked = _check(line, orders.get(line.number), known.get(key), twice)
        if not checked.problem:
            seen |= {key: line.line, line.number: line.line}
        found.append(checked)
    return found


def apply(lines: Iterable[Line], actor: str) -> list[Checked]:
    """Ship the order of each line that is right, each in its own transaction.

    A line that is wrong changes nothing. The same file twice ships nothing twice.
    """
    return [
        _apply(checked, actor) if checked.is_due else checked
        for checked in check(list(lines))
    ]


def _read(numbers: set[str]) -> dict[str, Order | Exchange]:
    """Return number -> order or exchange."""
    orders = Order.objects.filter(number__in=numbers)
    again = Exchange.objects.standing().filter(number__in=numbers)
    found: dict[str, Order | Exchange] = {
        order.number: order for order in orders.select_related("payment", "shipment")
    }
    return found | {each.number: each for each in again.select_related(_ORDER)}


def _read_known(keys: set[str]) -> dict[str, str]:
    """Return tracking key -> number of the order or exchange that has it."""
    parcels = Parcel.objects.filter(tracking_key__in=keys - {""})
    number = Coalesce("shipment__order__number", "exchange__number")
    return dict(parcels.values_list("tracking_key", number))


def _apply(checked: Checked, actor: str) -> Checked:
    line = checked.line
    found = _read({line.number})[line.number]
    if isinstance(found, Exchange):
        return _apply_exchange(found, line, actor)
    order = found
    try:
        parcel = ship(
            order,
            carrier=line.carrier,
            tracking_number=line.tracking,
            actor=actor,
            uid=_uid(line),
        )
    except NotShippable as refusal:
        return Checked(line, problem=refusal.sentence)
    return Checked(line, is_known=parcel is None)


def _apply_exchange(exchange: Exchange, line: Line, actor: str) -> Checked:
    try:
        parcel = exchanges.send(
            exchange,
            carrier=line.carrier,
            tracking_number=line.tracking,
            actor=actor,
            uid=_uid(line),
        )
    except ReturnRefused as refusal:
        return Checked(line, problem=str(refusal.sentence))
    return Checked(line, is_known=parcel is None)


def _uid(line: Line) -> uuid.UUID:
    """Return the same id for the same line, in whatever file it is."""
    return uuid.uuid5(_NAMESPACE, f"{line.number} {tracking_key(line.tracking)}")


def _check_sendable(found: Order | Exchange) -> None:
    """Raise NotShippable or ReturnRefused unless it can be sent with a number."""
    if isinstance(found, Order):
        check_shippable(found)
        return
    if found.order.is_pickup:
        raise PickedUp(found.order)
    if found.status != Exchange.Status.REQUESTED:
        raise ExchangeMoved(found)


def _check(
    line: Line, order: Order | Exchange | None, known: str | None, twice: int | None
) -> Checked:
    problem = _problem(line, order, known, twice)
    if not problem and order and known == line.number:
        return Checked(line, is_known=True)
    if not problem and order:
        try:
            _check_sendable(order)
        except (NotShippable, ReturnRefused) as refusal:
            problem = str(refusal.sentence)
    return Checked(line, problem=problem)


def _problem(  # noqa: PLR0911 (one a case)
    line: Line, order: Order | Exchange | None, known: str | None, twice: int | None
) -> str:
    if not line.tracking:
        return gettext("The tracking number is missing.")
    if len(line.tracking) > LONGEST or not _is_tracking(line.tracking):
        return gettext("Only letters, digits and hyphens.")
    if line.carrier not in Carrier.values:
        text = gettext("The carrier must be one of %(carriers)s.")
        return text % {"carriers": ", ".join(Carrier.values)}
    if order is None:
        return gettext("There is no order %(number)s.") % {"number": line.number[:40]}
    if twice:
        text = gettext("Line %(line)d has the same order or tracking number.")
        return text % {"line": twice}
    if known and known != line.number:
        text = gettext("This is the number of a parcel of %(number)s already.")
        return text % {"number": known}
    return ""


def _is_tracking(text: str) -> bool:
    return text.replace("-", "").isalnum() and text.isascii()


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return storable(content.decode(encoding), LARGEST_FILE)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(gettext("The file is neither in UTF-8 nor in Shift_JIS."))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().lower()


def _find(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    for name in wanted:
        if _folded(name) in names:
            return names.index(_folded(name))
    return None


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at].strip() if at is not None and at < len(row) else ""
