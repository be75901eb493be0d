"""Lists of orders that stay fast with millions of rows: search and pages."""

import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.lookups import Exact
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from checkout.cart.text import normalise_phone
from orders.models import Order, Parcel, tracking_key
from orders.models.search_keys import NUMBER_TAIL_AT, NumberTail, SecondName
from shop.read_only import ReadOnlyAdmin

if TYPE_CHECKING:
    Pages = Paginator[Order]
else:
    Pages = Paginator

# More pages than these are not useful, and counting all rows would read all of them.
MOST = 500
_NUMBER = re.compile(r"\d{6}-[0-9A-Z]*", re.IGNORECASE)
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

    A tracking number costs one query: PostgreSQL would read all orders if the condition
    held a subquery beside other columns.
    """
    if _INTENT.fullmatch(typed):
        return Q(payment__intent_id=typed)
    if _CHARGE.fullmatch(typed):
        return Q(payment__charge_id=typed)
    if _NUMBER.fullmatch(typed):
        return _begins("number", typed.upper())
    phone = read_phone(typed)
    if _TRACKING.fullmatch(typed) or phone:
        of_parcels = _find_by_tracking(typed) if _TRACKING.fullmatch(typed) else []
        is_phone = Q(phone=phone) if phone else Q()
        return Q(number=typed) | Q(pk__in=of_parcels) | is_phone
    if "@" in typed:
        return _begins("email", typed) | _begins("email", typed.lower())
    return (
        Q(number=typed)
        | _begins("name", typed)
        | _begins("email", typed)
        | Q(Exact(SecondName("name"), typed))
        | Q(Exact(NumberTail("number"), typed.upper()))
    )


def read_phone(typed: str) -> str:
    """Return a phone number as orders keep it, or "" for anything else."""
    try:
        return normalise_phone(typed)
    except ValidationError:
        return ""


def is_exact(typed: str, order: Order) -> bool:
    """Return whether the text names this order, and not only what it begins with."""
    if _INTENT.fullmatch(typed) or _CHARGE.fullmatch(typed):
        return True
    if typed.upper() in (order.number, order.number[NUMBER_TAIL_AT:]):
        return True
    return bool(_TRACKING.fullmatch(typed)) and order.pk in _find_by_tracking(typed)


def _begins(field: str, text: str) -> Q:
    """Return the condition that a field begins with the text, which an index answers.

    PostgreSQL has indexes for LIKE. SQLite has none for LIKE as Django writes it, and
    compares text by its bytes.
    """
    if connection.vendor == "sqlite":
        return Q((f"{field}__gte", text), (f"{field}__lt", f"{text}\U0010ffff"))
    return Q((f"{field}__startswith", text))


def _find_by_tracking(typed: str) -> list[int]:
    parcels = Parcel.objects.filter(tracking_key=tracking_key(typed))
    return list(parcels.values_list("shipment__order", flat=True)[:MOST])


class QuickList(ReadOnlyAdmin):
    """A list of orders with this search and these pages."""

    paginator = CappedPaginator
    # Django only checks that there are some; ``build_condition`` does the search.
    search_fields = ["number"]
    search_help_text = _(
        "Number, mail address, or family or given name; a phone or tracking number; "
        "or Stripe's ID of the payment or charge"
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
