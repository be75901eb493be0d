"""What this code could not continue: to be read before it takes over."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Min

from saga.definition import get_definition
from saga.errors import UnknownDefinition
from saga.models import Attempt, Direction, Saga, SagaQuerySet
from saga.resolve import why_held_back


@dataclass(frozen=True)
class Stranded:
    """Sagas that would be held back, one entry for each cause. ``example`` is one."""

    definition: str
    version: int
    step: str
    count: int
    example: str
    why: str


def stranded() -> list[Stranded]:
    """Return what of the sagas that have not ended this code lacks."""
    found = []
    # Two queries, each with an index of its own, however many sagas have ended.
    for rows in (Saga.objects.live(), Saga.objects.failed()):
        found += [*_at_unknown_steps(rows), *_undone_over_unknown_steps(rows)]
    return found


def _at_unknown_steps(rows: SagaQuerySet) -> Iterator[Stranded]:
    what = ("definition", "version", "step", "direction", "branch")
    groups = rows.order_by().values(*what)
    for group in groups.annotate(count=Count("pk"), example=Min("reference")):
        count, example = group.pop("count"), group.pop("example")
        why = why_held_back(Saga(**group))
        if why:
            del group["direction"], group["branch"]
            yield Stranded(**group, count=count, example=example, why=why)


def _undone_over_unknown_steps(rows: SagaQuerySet) -> Iterator[Stranded]:
    """Find what an undo would have to pass: steps done once and removed since."""
    mine = rows.filter(pivot_at=None).order_by().values("pk")
    done = Attempt.objects.filter(
        saga__in=mine, direction=Direction.DO, outcome=Attempt.Outcome.OK
    )
    groups = done.order_by().values("saga__definition", "saga__version", "step")
    for group in groups.annotate(
        count=Count("saga", distinct=True), example=Min("saga__reference")
    ):
        name, version = group["saga__definition"], group["saga__version"]
        try:
            definition = get_definition(name)
            definition.check_version(version)
        except UnknownDefinition:
            continue  # named already
        try:
            definition.step(group["step"], undo=True)
        except UnknownDefinition as error:
            why = f"done, and might have to be undone: {error}, or retire it"
            count, example = group["count"], group["example"]
            yield Stranded(name, version, group["step"], count, example, why)
