"""Lists of orders that stay fast with millions of rows: search and pages."""

import re
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from orders.models import Order, Parcel, tracking_key
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
    """Return the condition for the typed text; each kind of text has an index."""
    if _INTENT.fullmatch(typed):
        return Q(payment__intent_id=typed)
    if _CHARGE.fullmatch(typed):
        return Q(payment__charge_id=typed)
    if _NUMBER.fullmatch(typed):
        return Q(number__startswith=typed.upper())
    if _TRACKING.fullmatch(typed):
        return Q(number=typed) | Q(
            pk__in=Parcel.objects.filter(tracking_key=tracking_key(typed)).values(
                "shipment__order"
            )
        )
    if "@" in typed:
        return Q(email__startswith=typed) | Q(email__startswith=typed.lower())
    return Q(number=typed) | Q(name__startswith=typed) | Q(email__startswith=typed)


class QuickList(ReadOnlyAdmin):
    """A list of orders with this search and these pages."""

    paginator = CappedPaginator
    # Django only checks that there are some; ``build_condition`` does the search.
    search_fields = ["number"]
    search_help_text = _(
        "Number, mail address or name from its beginning; a tracking number; or "
        "Stripe's id of the payment or charge"
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
