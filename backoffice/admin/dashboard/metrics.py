"""Metrics of the dashboard, each with its curve over the last 24 hours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import wording
from backoffice.admin.dashboard.plot import draw
from checkout.flow.definition import CHECKOUT
from saga.heartbeat import SILENT_AFTER
from saga.metrics import count_sagas
from saga.models import Heartbeat, MetricSnapshot
from shop import formatting
from shop.formatting import Wording

SPAN = timedelta(hours=24)
# The drawing's own units, and how many points fit into it.
WIDTH, HEIGHT, POINTS = 240, 48, 96
_LIST = "admin:backoffice_stalledorder_changelist"


@dataclass(frozen=True)
class Curve:
    """Points of a line in the drawing's units, and a sentence that describes it."""

    points: str
    description: str


@dataclass(frozen=True)
class Metric:
    title: Wording
    value: str
    url: str
    curve: Curve | None
    tone: str = ""


@dataclass(frozen=True)
class StepRow:
    """How long the tries of one step took, over the last 60 minutes with tries.

    ``median`` and ``slow`` (of 95 in 100) are milliseconds.
    """

    name: str
    title: str
    median: int
    slow: int
    tries: int
    curve: Curve | None
    url: str


@dataclass(frozen=True)
class Process:
    """One role, how many of its processes run, and when the last was heard of."""

    role: str
    title: str
    count: int
    seen: str
    is_silent: bool


_ROLES = {"worker": _("Workers"), "sweeper": _("Sweeper")}


def read_board(now: datetime) -> dict[str, Any]:
    """Return the template context of all metrics: six queries."""
    snapshots = list(MetricSnapshot.objects.filter(taken_at__gte=now - SPAN))[::-1]
    return {
        "metrics": _metrics(snapshots, now),
        "steps": _steps(snapshots),
        "processes": list_processes(now),
        "has_curves": len(snapshots) > 1,
        "span": f"0 0 {WIDTH} {HEIGHT}",
        "plot": draw(snapshots, now),
    }


def list_processes(now: datetime) -> list[Process]:
    """Return every role that the shop needs, also those without a process."""
    beats = list(Heartbeat.objects.all())
    return [
        _process(role, [beat for beat in beats if beat.role == role], now)
        for role in _ROLES
    ]


def draw_curve(values: Sequence[float | None], unit: str = "") -> Curve | None:
    """Return the curve through the values, which are spread over 24 hours.

    A None is skipped. Returns None for fewer than two values.
    """
    spread = enumerate(_thinned(values))
    drawn = [(at, value) for at, value in spread if value is not None]
    if len(drawn) < 2:  # noqa: PLR2004 (a line has two ends)
        return None
    heights = [value for _at, value in drawn]
    top, width = max(*heights, 1), drawn[-1][0]
    points = " ".join(
        f"{at * WIDTH / width:.1f},{HEIGHT - 1 - value * (HEIGHT - 2) / top:.1f}"
        for at, value in drawn
    )
    description = gettext("Last 24 hours: between %(least)s and %(most)s%(unit)s.") % {
        "least": f"{min(heights):g}",
        "most": f"{max(heights):g}",
        "unit": unit,
    }
    return Curve(points, description)


def _metrics(snapshots: list[MetricSnapshot], now: datetime) -> list[Metric]:
    here, listed = count_sagas(now), reverse(_LIST)
    went, url = _went_through(snapshots), f"{listed}?state=running"

    def over(
        read: Callable[[MetricSnapshot], float | None], unit: str = ""
    ) -> Curve | None:
        return draw_curve([read(snapshot) for snapshot in snapshots], unit)

    return [
        Metric(_("Under way"), str(here.in_flight), url, over(lambda s: s.in_flight)),
        Metric(
            _("Stopped"),
            str(here.stuck),
            f"{listed}?state=failed",
            over(lambda s: s.stuck),
            "bad" if here.stuck else "ok",
        ),
        Metric(
            _("Oldest stopped"),
            _lasting(here.oldest),
            listed,
            over(lambda s: s.oldest // 60, " min"),
            "bad" if here.stuck else "ok",
        ),
        Metric(
            _("Completed without help (24 h)"),
            "-" if went is None else f"{went:.1%}",
            f"{listed}?state=done",
            over(_share),
        ),
        Metric(
            _("Waiting for a worker"),
            _lasting(here.queue),
            url,
            over(lambda s: s.queue, " s"),
            "bad" if here.queue > SILENT_AFTER.total_seconds() else "ok",
        ),
    ]


def _share(snapshot: MetricSnapshot) -> float | None:
    ended = snapshot.done + snapshot.stopped
    return round(100 * snapshot.done / ended, 1) if ended else None


def _went_through(snapshots: list[MetricSnapshot]) -> float | None:
    done = sum(snapshot.done for snapshot in snapshots)
    ended = done + sum(snapshot.stopped for snapshot in snapshots)
    return done / ended if ended else None


def _steps(snapshots: list[MetricSnapshot]) -> list[StepRow]:
    rows = []
    for step in CHECKOUT.steps:
        known = [snapshot.steps.get(step.name) for snapshot in snapshots]
        recent = [each for each in known if each][-60:]
        tries = sum(each[2] for each in recent)
        if not tries:
            continue
        rows.append(
            StepRow(
                name=step.name,
                title=wording.step_title(step.name),
                # Weighted by tries, so that busy minutes count more.
                median=round(sum(each[0] * each[2] for each in recent) / tries),
                slow=max(each[1] for each in recent),
                tries=tries,
                curve=draw_curve([each[1] if each else None for each in known], " ms"),
                url=f"{reverse(_LIST)}?state=all&step={step.name}",
            )
        )
    return rows


def _process(role: str, beats: list[Heartbeat], now: datetime) -> Process:
    alive = [beat for beat in beats if beat.seen_at > now - SILENT_AFTER]
    last = max((beat.seen_at for beat in beats), default=None)
    seen = formatting.age(last, now) if last else gettext("never")
    return Process(role, str(_ROLES[role]), len(alive), seen, is_silent=not alive)


def _lasting(seconds: int) -> str:
    minute = 60
    if seconds < minute:
        return gettext("%(seconds)d s") % {"seconds": seconds}
    if seconds < 120 * minute:
        return gettext("%(count)d min") % {"count": seconds // minute}
    return gettext("%(count)d h") % {"count": seconds // (60 * minute)}


def _thinned(values: Sequence[float | None]) -> list[float | None]:
    """Return at most POINTS values: the highest of each stretch, to show peaks."""
    if len(values) <= POINTS:
        return list(values)
    size = -(-len(values) // POINTS)
    stretches = [values[at : at + size] for at in range(0, len(values), size)]
    return [
        max((value for value in stretch if value is not None), default=None)
        for stretch in stretches
    ]
