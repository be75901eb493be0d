"""The state of the books: what is unexplained, or since when nothing is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import Coalesce

from checkout.reconciliation.kinds import NOTICES
from checkout.reconciliation.models import Mismatch, ReconciliationRun
from shop import database_clock


@dataclass(frozen=True)
class BooksStatus:
    """``clean_since``: since when no run has left a mismatch unexplained.

    ``is_late``: the last complete run is older than two intervals.
    """

    unexplained: int
    clean_since: datetime | None
    last_run: ReconciliationRun | None
    is_late: bool

    @property
    def clean_days(self) -> int:
        """Return the days up to the last run: later payments were not compared yet."""
        last = self.last_run.finished_at if self.last_run else None
        if last is None or self.clean_since is None:
            return 0
        return max(timedelta(), last - self.clean_since).days


def books_status() -> BooksStatus:
    """Return the state of the books after the last complete run."""
    runs = ReconciliationRun.objects.filter(finished_at__isnull=False)
    last = runs.first()
    unexplained = Mismatch.objects.unexplained().count()
    return BooksStatus(
        unexplained=unexplained,
        clean_since=_clean_since() if last and not unexplained else None,
        last_run=last,
        is_late=_is_late(last),
    )


def _clean_since() -> datetime | None:
    """Return when the last mismatch was settled, or else the end of the first run."""
    settled = Mismatch.objects.exclude(kind__in=NOTICES).aggregate(
        at=Max(Coalesce("explained_at", "resolved_at"))
    )["at"]
    first = ReconciliationRun.objects.filter(finished_at__isnull=False).last()
    return settled or (first.finished_at if first else None)


def _is_late(last: ReconciliationRun | None) -> bool:
    every = timedelta(hours=settings.RECONCILE_HOURS)
    if not every:
        return False
    if last is None or last.finished_at is None:
        return True
    return last.finished_at < database_clock.read() - 2 * every
