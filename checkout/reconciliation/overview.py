"""How the books stand: what nobody has explained, or since when there is nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils import timezone

from checkout.reconciliation.kinds import NOTICES
from checkout.reconciliation.models import Mismatch, ReconciliationRun


@dataclass(frozen=True)
class Standing:
    """``clean_since``: from when on no run left anything unexplained.

    ``is_late``: the last whole run is longer ago than two of its intervals.
    """

    unexplained: int
    clean_since: datetime | None
    last_run: ReconciliationRun | None
    is_late: bool

    @property
    def clean_days(self) -> int:
        """Days up to the last run: what came after it, nobody has looked at."""
        last = self.last_run.finished_at if self.last_run else None
        if last is None or self.clean_since is None:
            return 0
        return max(timedelta(), last - self.clean_since).days


def standing() -> Standing:
    runs = ReconciliationRun.objects.filter(finished_at__isnull=False)
    last = runs.first()
    unexplained = Mismatch.objects.unexplained().count()
    return Standing(
        unexplained=unexplained,
        clean_since=_clean_since() if last and not unexplained else None,
        last_run=last,
        is_late=_is_late(last),
    )


def _clean_since() -> datetime | None:
    """When the last one was explained or gone; without any, the first whole run."""
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
    return last.finished_at < timezone.now() - 2 * every
