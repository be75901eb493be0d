"""What a sheet of goods would change, line by line, or why a line cannot be taken."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from flows.goods_sheet.sheet import Line
from shop.catalogue.models import Category, Product, Variant
from shop.formatting import date_and_time, price
from shop.money import Money, NotAnAmount, parse

_MOST_RECEIVED = 1_000_000
# With zeros before it. Python refuses to read thousands of digits.
_MOST_DIGITS = 20
# Databases and zones fail at the ends of the calendar.
_YEARS = range(2000, 2200)
_LABELS = {
    "price_minor": _lazy("price"),
    "sale_minor": _lazy("sale price"),
    "sale_from": _lazy("sale begins"),
    "sale_until": _lazy("sale ends"),
    "weight_grams": _lazy("weight in grams"),
    "is_active": _lazy("on sale"),
}
_YES = {"yes", "1", "true", "はい"}
_NO = {"no", "0", "false", "いいえ"}


@dataclass
class Change:
    """One line: its variant as it would be, what differs, and what is wrong."""

    number: int
    variant: Variant
    received: int = 0
    # Of the variant; only these are saved, so that nothing set meanwhile is lost.
    fields: set[str] = field(default_factory=set)
    what: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return not self.variant.pk

    @property
    def does_something(self) -> bool:
        return bool(self.what or self.errors)


class _Refused(Exception):
    """One cell cannot be taken."""


def plan(lines: Iterable[Line]) -> list[Change]:
    """Return the change of each line. Reads only; the variants are not saved."""
    wanted = list(lines)
    rows = Variant.objects.select_related("product__category").filter(
        sku__in=[line["sku"] for line in wanted]
    )
    known = {variant.sku: variant for variant in rows}
    found = Product.objects.filter(slug__in=[line["product"] for line in wanted])
    products = {product.slug: product for product in found}
    categories = {category.slug: category for category in Category.objects.all()}
    seen: set[str] = set()
    changes = []
    for line in wanted:
        sku = line["sku"]
        variant = known.get(sku) or _new(line, products, categories)
        change = Change(line.number, variant)
        if sku in seen:
            change.errors.append(_("This SKU is in the sheet twice."))
        seen.add(sku)
        _fill(change, line)
        changes.append(change)
    return changes


def digest(changes: Iterable[Change]) -> str:
    """Return what stands for the preview of these changes."""
    seen = [[c.number, c.variant.sku, c.what, c.errors] for c in changes]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _new(
    line: Line, products: dict[str, Product], categories: dict[str, Category]
) -> Variant:
    """Return a new variant, of a new product if its address is not known."""
    slug = line["product"]
    if slug not in products:
        products[slug] = Product(
            slug=slug,
            category=categories.get(line["category"]),
            name_en=line["name_en"],
            name_ja=line["name_ja"],
        )
    return Variant(
        product=products[slug],
        sku=line["sku"],
        label_en=line["label_en"],
        label_ja=line["label_ja"],
        currency=settings.CURRENCY,
    )


def _fill(change: Change, line: Line) -> None:
    variant = change.variant
    if change.is_new:
        change.what.append(_("new"))
        if not variant.product.pk:
            _check(change, variant.product)
    for column, read in _READERS.items():
        if column in line:
            try:
                read(change, line[column])
            except (_Refused, NotAnAmount) as error:
                change.errors.append(f"{line.place(column)} ({column}): {error}")
    if not change.errors:
        _check(change, variant, exclude=["product"] if not variant.product_id else [])


def _check(change: Change, thing: Any, exclude: Iterable[str] = ()) -> None:
    try:
        thing.full_clean(exclude=list(exclude))
    except ValidationError as error:
        for name, texts in error.message_dict.items():
            prefix = "" if name == "__all__" else f"{name}: "
            change.errors += [f"{prefix}{text}" for text in texts]


def _set(change: Change, name: str, value: Any, before: str, now: str) -> None:
    if getattr(change.variant, name) == value:
        return
    setattr(change.variant, name, value)
    change.fields.add(name)
    change.what.append(f"{_LABELS[name]}: {before or '-'} → {now or '-'}")


def _amount(change: Change, name: str, cell: str, *, may_be_empty: bool) -> None:
    currency = change.variant.currency
    if not cell and not may_be_empty:
        raise _Refused(_("This is needed."))
    try:
        minor = parse(cell, currency).minor if cell else None
    except NotAnAmount as error:
        raise _Refused(_("“%s” is not an amount.") % cell) from error
    before = getattr(change.variant, name)
    _set(change, name, minor, _money(before, currency), _money(minor, currency))


def _price(change: Change, cell: str) -> None:
    _amount(change, "price_minor", cell, may_be_empty=False)


def _sale_price(change: Change, cell: str) -> None:
    _amount(change, "sale_minor", cell, may_be_empty=True)


def _moment(change: Change, name: str, cell: str) -> None:
    try:
        when = parse_datetime(cell.replace("/", "-")) if cell else None
    except ValueError:
        when = None
    if cell and (when is None or when.year not in _YEARS):
        raise _Refused(_("“%s” is not a time such as 2026-12-01 10:00.") % cell)
    if when is not None and timezone.is_naive(when):
        when = timezone.make_aware(when)
    before = getattr(change.variant, name)
    _set(change, name, when, _time(before), _time(when))


def _sale_from(change: Change, cell: str) -> None:
    _moment(change, "sale_from", cell)


def _sale_until(change: Change, cell: str) -> None:
    _moment(change, "sale_until", cell)


def _weight(change: Change, cell: str) -> None:
    grams = _whole(cell or "0")
    before = str(change.variant.weight_grams)
    _set(change, "weight_grams", grams, before, str(grams))


def _on_sale(change: Change, cell: str) -> None:
    word = cell.casefold()
    if word not in _YES | _NO:
        raise _Refused(_("“%s” is neither yes nor no.") % cell)
    is_active, before = word in _YES, change.variant.is_active
    _set(change, "is_active", is_active, _word(before), _word(is_active))


def _received(change: Change, cell: str) -> None:
    change.received = _whole(cell or "0")
    if change.received:
        change.what.append(_("%d units received") % change.received)


_READERS = {
    "price": _price,
    "sale_price": _sale_price,
    "sale_from": _sale_from,
    "sale_until": _sale_until,
    "weight_grams": _weight,
    "on_sale": _on_sale,
    "received": _received,
}


def _whole(cell: str) -> int:
    digits = cell.isascii() and cell.isdecimal() and len(cell) <= _MOST_DIGITS
    if not digits or int(cell) > _MOST_RECEIVED:
        raise _Refused(_("“%s” is not a whole number.") % cell[:20])
    return int(cell)


def _money(minor: int | None, currency: str) -> str:
    return "" if minor is None else price(Money(minor, currency))


def _time(when: datetime | None) -> str:
    return "" if when is None else date_and_time(when)


def _word(is_so: bool) -> str:
    return _("yes") if is_so else _("no")
