"""Lists of orders that stay fast with millions of rows: search and pages."""

import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import EndsWith, Exact, GreaterThanOrEqual, LessThan
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from checkout.cart.text import normalise_phone
from orders.models import Order, Parcel, Payment, tracking_key
from orders.models.search_keys import (
    NUMBER_TAIL_AT,
    PHONE_TAIL,
    NumberTail,
    PhoneDigits,
    PhoneTail,
    SecondName,
)
from shop.forms.read_only import ReadOnlyAdmin

if TYPE_CHECKING:
    Pages = Paginator[Order]
else:
    Pages = Paginator

# More pages than these are not useful, and counting all rows would read all of them.
MOST = 500
_NUMBER = re.compile(r"[0-9]{6}-[0-9A-Z]*", re.IGNORECASE)
_PART_OF_NUMBER = re.compile(r"[0-9A-Z]{3,12}")
_GROUPING = re.compile(r"[-().\s]")
_LAST_DIGITS = re.compile(f"[0-9]{{{PHONE_TAIL},15}}")
_INTENT = re.compile(r"pi_\S+")
# Carriers give ten to fourteen digits, often written in groups.
_TRACKING = re.compile(r"\d[\d-]{8,}\d|[A-Z]{2}\d{9}[A-Z]{2}", re.IGNORECASE)
_CHARGE = re.compile(r"(?:ch|py)_\S+")


class CappedPaginator(Pages):
    """Pages through the first MOST rows and counts no further."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        # Without the annotations that only sorting needs.
        return int(rows.order_by().values("pk")[: MOST + 1].count())

    @property
    def num_pages(self) -> int:
        return max(1, -(-min(self.count, MOST) // self.per_page))


def build_condition(typed: str) -> Q:
    """Return the condition for the typed text; each kind of text has an index.

    A tracking number and an ID of Stripe cost one query each: PostgreSQL would read all
    orders if the condition held a subquery beside other columns.
    """
    if is_of_payment(typed):
        return Q(pk__in=_find_by_payment(typed))
    if _NUMBER.fullmatch(typed):
        return begins("number", typed.upper())
    if "@" in typed:
        return begins("email", typed) | begins("email", typed.lower())
    found = (
        Q(number=typed)
        | begins("name", typed)
        | begins("email", typed)
        | Q(Exact(SecondName("name"), typed))
    )
    for condition in (_by_number(typed.upper()), _by_phone(typed)):
        if condition is not None:
            found |= condition
    if _TRACKING.fullmatch(typed):
        found |= Q(pk__in=_find_by_tracking(typed))
    return found


def is_of_payment(typed: str) -> bool:
    """Return whether the text is Stripe's ID of a payment or charge, or its begin."""
    return bool(_INTENT.fullmatch(typed) or _CHARGE.fullmatch(typed))


def _by_number(typed: str) -> Q | None:
    """Return the condition for the beginning of a number or of its tail."""
    if not _PART_OF_NUMBER.fullmatch(typed):
        return None
    day, tail = typed[: NUMBER_TAIL_AT - 1], typed[NUMBER_TAIL_AT - 1 :]
    by_day = begins("number", f"{day}-{tail}" if tail else day)
    return (by_day | _by_tail(typed)) if day.isdigit() else _by_tail(typed)


def _by_tail(typed: str) -> Q:
    # Not LIKE, for which PostgreSQL would need another index. Capital letters and
    # digits have the same order in every locale.
    tail = NumberTail("number")
    return Q(GreaterThanOrEqual(tail, typed)) & Q(LessThan(tail, _after(typed)))


def _after(typed: str) -> str:
    """Return the first text behind all that begin with ``typed`` (digits, letters)."""
    kept = typed.rstrip("Z")
    if not kept:
        return "Z" * 20
    following = {"9": "A"}.get(kept[-1], chr(ord(kept[-1]) + 1))
    return kept[:-1] + following


def _by_phone(typed: str) -> Q | None:
    """Return the condition for a phone number, or for its last digits."""
    if whole := read_phone(typed):
        return Q(phone=whole)
    digits = _GROUPING.sub("", typed)
    if not _LAST_DIGITS.fullmatch(digits):
        return None
    is_last = Q(Exact(PhoneTail("phone"), digits[-PHONE_TAIL:]))
    if len(digits) == PHONE_TAIL:
        return is_last
    return is_last & Q(EndsWith(PhoneDigits("phone"), digits))


def read_phone(typed: str) -> str:
    """Return a phone number as orders keep it, or "" for anything else."""
    try:
        return normalise_phone(typed)
    except ValidationError:
        return ""


def is_exact(typed: str, order: Order) -> bool:
    """Return whether the text names this order, and not only what it begins with."""
    if is_of_payment(typed):
        return typed in (order.payment.intent_id, order.payment.charge_id)
    if typed.upper() in (order.number, order.number[NUMBER_TAIL_AT:]):
        return True
    return bool(_TRACKING.fullmatch(typed)) and order.pk in _find_by_tracking(typed)


def begins(field: str, text: str) -> Q:
    """Return the condition that a field begins with the text, which an index answers.

    PostgreSQL has indexes for LIKE. SQLite has none for LIKE as Django writes it, and
    compares text by its bytes.
    """
    if connection.vendor == "sqlite":
        return Q((f"{field}__gte", text), (f"{field}__lt", f"{text}\U0010ffff"))
    return Q((f"{field}__startswith", text))


def _find_by_payment(typed: str) -> list[int]:
    if _INTENT.fullmatch(typed):
        payments = Payment.objects.filter(begins("intent_id", typed))
        found = payments.order_by("intent_id")
    else:
        # The index of charges knows only payments that have one.
        charged = Payment.objects.exclude(charge_id="")
        found = charged.filter(begins("charge_id", typed)).order_by("charge_id")
    return list(found.values_list("order", flat=True)[:MOST])


def _find_by_tracking(typed: str) -> list[int]:
    parcels = Parcel.objects.filter(tracking_key=tracking_key(typed))
    order = Coalesce("shipment__order", "exchange__returned__order")
    return list(parcels.values_list(order, flat=True)[:MOST])


class QuickList(ReadOnlyAdmin):
    """A list of orders with this search and these pages."""

    paginator = CappedPaginator
    # Django only checks that there are some; ``build_condition`` does the search.
    search_fields = ["number"]
    search_help_text = _(
        "Number, mail address, or family or given name; a phone number or its last "
        "digits; a tracking number; or Stripe's ID of the payment or charge"
    )
    # Sorting by a column would read every row.
    sortable_by = ()
    # Rows decide how long a page takes: benchmarks/staff_list.py.
    list_per_page = 25

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        typed = search_term.strip()
        return (queryset.filter(build_condition(typed)) if typed else queryset), False
