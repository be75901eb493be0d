"""Replace the postcodes by those of a file."""

from collections.abc import Callable, Iterable

from django.db import transaction

from checkout.postcodes.areas import Area, NotReadable
from checkout.postcodes.models import PostcodeArea

_AT_ONCE = 2_000
_LONGEST_CITY, _LONGEST_TOWN = 100, 150


def merge(areas: Iterable[Area]) -> list[Area]:
    """Return one area for each postcode and city; its town if there is but one.

    Raises NotReadable if there is none, or if a name is too long.
    """
    towns: dict[tuple[str, str, str], set[str]] = {}
    for area in areas:
        if not area.city or len(area.city) > _LONGEST_CITY:
            message = f"{area.code}: not a name of a city: {area.city[:60]!r}"
            raise NotReadable(message)
        key = (area.code, area.prefecture, area.city)
        towns.setdefault(key, set()).add(area.town)
    if not towns:
        message = "there are no postcodes in it"
        raise NotReadable(message)
    return [Area(*key, _only(found)) for key, found in towns.items()]


@transaction.atomic
def replace(
    areas: list[Area], on_progress: Callable[[int], None] = lambda _done: None
) -> None:
    """Store these areas in place of all that there were, in one transaction."""
    PostcodeArea.objects.all().delete()
    for start in range(0, len(areas), _AT_ONCE):
        some = areas[start : start + _AT_ONCE]
        PostcodeArea.objects.bulk_create(
            PostcodeArea(
                code=area.code,
                prefecture=area.prefecture,
                city=area.city,
                town=area.town,
            )
            for area in some
        )
        on_progress(start + len(some))


def _only(towns: set[str]) -> str:
    """Return the town if it is the only one and fits."""
    town = next(iter(towns))
    return town if len(towns) == 1 and len(town) <= _LONGEST_TOWN else ""
