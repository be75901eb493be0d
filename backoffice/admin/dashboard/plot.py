"""The plot of the first page: how many orders went through, and how many stopped."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext

from saga.models import MetricSnapshot

HOURS = 24
# The drawing's own units.
WIDTH, HEIGHT = 480, 120
_STEP = WIDTH / HOURS
_GAP = 3
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Hour:
    """The orders that ended in one hour, and how many of them stopped.

    ``y`` and ``height`` are the bar's, ``stopped_y`` and ``stopped_height`` those of
    its part that stopped.
    """

    name: str
    done: int
    stopped: int
    x: float
    y: float
    height: float
    stopped_y: float
    stopped_height: float

    @property
    def text(self) -> str:
        text = gettext("%(hour)s: %(done)d completed, %(stopped)d stopped")
        return text % {"hour": self.name, "done": self.done, "stopped": self.stopped}


@dataclass(frozen=True)
class Plot:
    hours: tuple[Hour, ...]
    description: str
    span: str = f"0 0 {WIDTH} {HEIGHT}"
    width: float = _STEP - _GAP


def draw(snapshots: Iterable[MetricSnapshot], now: datetime) -> Plot | None:
    """Return the last 24 hours, the current one included; None if nothing ended."""
    done: Counter[datetime] = Counter()
    stopped: Counter[datetime] = Counter()
    for snapshot in snapshots:
        hour = _hour_of(snapshot.taken_at)
        done[hour] += snapshot.done
        stopped[hour] += snapshot.stopped
    hours = [_hour_of(now) - back * _HOUR for back in reversed(range(HOURS))]
    most = max(done[hour] + stopped[hour] for hour in hours)
    if not most:
        return None
    scale = (HEIGHT - 1) / most
    bars = tuple(
        _bar(place, hour, done[hour], stopped[hour], scale)
        for place, hour in enumerate(hours)
    )
    text = gettext(
        "In 24 hours %(done)d orders completed and %(stopped)d stopped; at most "
        "%(most)d in one hour."
    )
    values = {
        "done": sum(bar.done for bar in bars),
        "stopped": sum(bar.stopped for bar in bars),
        "most": most,
    }
    return Plot(bars, text % values)


def _bar(place: int, hour: datetime, done: int, stopped: int, scale: float) -> Hour:
    height, bad = (done + stopped) * scale, stopped * scale
    return Hour(
        name=f"{hour:%H:%M}",
        done=done,
        stopped=stopped,
        x=round(place * _STEP + _GAP / 2, 2),
        y=round(HEIGHT - height, 2),
        height=round(height, 2),
        stopped_y=round(HEIGHT - bad, 2),
        stopped_height=round(bad, 2),
    )


def _hour_of(moment: datetime) -> datetime:
    """Return when the hour of the shop's clock began."""
    local = timezone.localtime(moment)
    return local.replace(minute=0, second=0, microsecond=0)
