"""How much waits in the lists of the menu, for its badges."""

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from backoffice.admin.packing.selectors import Readiness
from backoffice.admin.packing.selectors import select as select_at_desk
from backoffice.order_overview import select_stalled
from checkout.contact.models import Enquiry
from checkout.reconciliation.models import Mismatch
from inventory.models import StockItem
from orders.models import Cancellation, Dispute, Return, Shortage

# Counting stops behind it: nobody needs to know how much more waits.
MOST = 999


def count_waiting(lists: Collection[str]) -> dict[str, int]:
    """Return how much waits in these lists (``app.model``): one statement.

    Lists in which nothing can wait are left out. Each part reads an index, and counts
    at most one row more than MOST.
    """
    parts = {name: rows for name, rows in _waiting().items() if name in lists}
    if not parts:
        return {}
    counted: list[str] = []
    values: list[Any] = []
    for place, rows in enumerate(parts.values()):
        statement, parameters = rows.order_by()[: MOST + 1].query.sql_with_params()
        counted.append(f"(SELECT COUNT(*) FROM ({statement}) AS w{place})")  # noqa: S608
        values += parameters
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counted)}", values)
        return dict(zip(parts, cursor.fetchone(), strict=True))


def write_count(count: int) -> str:
    """Return the count as a badge shows it: at most 999+."""
    return f"{MOST}+" if count > MOST else str(count)


def _waiting() -> dict[str, QuerySet[Any, Any]]:
    """Return list -> what waits there for staff."""
    answer = (Dispute.Status.REPORTED, Dispute.Status.NEEDS_RESPONSE)
    work = (Return.Status.REQUESTED, Return.Status.RECEIVED, Return.Status.EXCHANGE)
    rows: dict[str, QuerySet[Any]] = {
        "orders.cancellation": Cancellation.objects.open(),
        "orders.shortage": Shortage.objects.filter(status=Shortage.Status.OPEN),
        "orders.return": Return.objects.filter(status__in=work),
        "orders.dispute": Dispute.objects.filter(status__in=answer),
        "backoffice.ordertoship": select_at_desk(Readiness.READY),
        "inventory.stockitem": StockItem.objects.filter(
            on_hand__lte=F("held") + F("low_at")
        ),
        "checkout.enquiry": Enquiry.objects.waiting(),
        "checkout.mismatch": Mismatch.objects.unexplained(),
    }
    of_sagas = select_stalled().values("definition", "reference").distinct()
    return {
        "backoffice.stalledorder": of_sagas,
        **{name: found.values("pk") for name, found in rows.items()},
    }
