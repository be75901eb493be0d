"""Find files of pictures that nothing shows, and remove them after a grace."""

import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from shop import database_clock
from shop.catalogue.models import Picture, UnusedPicture
from shop.catalogue.pictures import FOLDER

# A file is written before the row that names it: younger ones may be on their way.
YOUNG = timedelta(days=1)
# Browsers, search engines and CDNs keep pages that still name a file.
KEPT_FOR = timedelta(days=30)
# What the shop itself writes. What else lies in the folder is left alone.
_OURS = re.compile(r"[\w.-]{1,180}", re.ASCII)


def names_of(picture: Picture) -> list[str]:
    """Return the names of all files in which the picture is shown."""
    return [str(picture.file.name), *(each["name"] for each in picture.renditions)]


def shown_by_goods() -> set[str]:
    """Return the names of all files that products show."""
    return {name for each in Picture.objects.all() for name in names_of(each)}


def unused(kept: Iterable[str]) -> Iterator[Path]:
    """Yield the files that are not ``kept``, and older than a save takes."""
    names = set(kept)
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if f"{FOLDER}/{path.name}" not in names and not _is_young(path):
            yield path


def remove_unused(kept: Iterable[str]) -> int:
    """Remove the files that have been unused for ``KEPT_FOR``. Return how many.

    The first look at an unused file only notes the time, which ends if something shows
    the file again. ``kept`` must be read before. Twice is once.
    """
    found = {path.name: path for path in unused(kept) if _OURS.fullmatch(path.name)}
    noted = dict(UnusedPicture.objects.values_list("name", "pk"))
    shown_again = [pk for name, pk in noted.items() if name not in found]
    UnusedPicture.objects.filter(pk__in=shown_again).delete()
    now = database_clock.read()
    new = [UnusedPicture(name=name, since=now) for name in set(found) - set(noted)]
    # Another sweeper may have noted them meanwhile.
    UnusedPicture.objects.bulk_create(new, ignore_conflicts=True)
    due = UnusedPicture.objects.filter(since__lt=now - KEPT_FOR)
    return sum(discard(found[row.name]) for row in due if row.name in found)


def discard(path: Path) -> bool:
    """Remove a file, unless it was written again just now. Return whether it is gone.

    Moved aside first: an upload of the same content that comes meanwhile either makes
    the moved file young, or writes its own.
    """
    aside = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return False
    if _is_young(aside):
        aside.replace(path)
        return False
    aside.unlink(missing_ok=True)
    return True


def _is_young(path: Path) -> bool:
    try:
        written = path.stat().st_mtime
    except FileNotFoundError:
        # Another process has just removed it.
        return True
    return written >= (timezone.now() - YOUNG).timestamp()
