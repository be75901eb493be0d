"""The deploy gate: sagas under way that this code could not continue."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Min

from saga.definition import get_definition
from saga.errors import UnknownDefinition
from saga.models import Attempt, Direction, Saga, SagaQuerySet
from saga.resolve import find_obstacle


@dataclass(frozen=True)
class BlockedSagas:
    """Sagas that would be held back for one cause. ``example`` is one's reference."""

    definition: str
    version: int
    step: str
    count: int
    example: str
    why: str


def find_blocked() -> list[BlockedSagas]:
    """Return the sagas under way that this code cannot continue, by cause."""
    found = []
    # Two queries, each with an index of its own, however many sagas have ended.
    for rows in (Saga.objects.live(), Saga.objects.failed()):
        found += [*_at_unknown_steps(rows), *_undone_over_unknown_steps(rows)]
    return found


def _at_unknown_steps(rows: SagaQuerySet) -> Iterator[BlockedSagas]:
    what = ("definition", "version", "step", "direction", "branch")
    groups = rows.order_by().values(*what)
    for group in groups.annotate(count=Count("pk"), example=Min("reference")):
        count, example = group.pop("count"), group.pop("example")
        obstacle = find_obstacle(Saga(**group))
        if obstacle:
            del group["direction"], group["branch"]
            yield BlockedSagas(**group, count=count, example=example, why=str(obstacle))


def _undone_over_unknown_steps(rows: SagaQuerySet) -> Iterator[BlockedSagas]:
    """Find steps that an undo would have to undo and that were removed since."""
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
            continue  # found by _at_unknown_steps
        try:
            definition.step(group["step"], undo=True)
        except UnknownDefinition as error:
            why = f"done, and might have to be undone: {error}, or retire it"
            count, example = group["count"], group["example"]
            yield BlockedSagas(name, version, group["step"], count, example, why)
