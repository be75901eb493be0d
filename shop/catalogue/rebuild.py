"""Rebuild pictures from before they were re-encoded."""

from django.core.exceptions import ValidationError

from shop.catalogue.drawings import NotADrawing, store_drawing
from shop.catalogue.models import Picture
from shop.catalogue.pictures import Rendition, extension_of, store
from shop.catalogue.unused_pictures import names_of

_GONE = "its file is missing"


class NotRebuilt(Exception):
    """A picture cannot be shown any more. ``reason`` says why, for staff."""

    def __init__(self, picture: Picture, reason: str) -> None:
        super().__init__(f"picture {picture.pk} of {picture.product.slug}: {reason}")
        self.picture = picture
        self.reason = reason


def rebuild(picture: Picture) -> bool:
    """Make a picture's renditions anew. Return False if staff have just changed it.

    Raises NotRebuilt, and then changes nothing.
    """
    before = picture.file.name
    picture.use(_renditions(picture))
    # Guarded: an upload of meanwhile is not overwritten.
    rows = Picture.objects.filter(pk=picture.pk, file=before)
    changes = {"file": picture.file.name, "renditions": picture.renditions}
    return bool(rows.update(**changes))


def check_files(picture: Picture) -> None:
    """Raise NotRebuilt if a file of the picture is not there."""
    storage = picture.file.storage
    if not all(storage.exists(name) for name in names_of(picture)):
        raise NotRebuilt(picture, _GONE)


def _renditions(picture: Picture) -> list[Rendition]:
    try:
        with picture.file.open("rb") as file:
            if extension_of(str(picture.file.name)) == "svg":
                return [store_drawing(file.read())]
            return store(file)
    except FileNotFoundError as error:
        raise NotRebuilt(picture, _GONE) from error
    except NotADrawing as error:
        reason = "it is a drawing (SVG) with more in it than shapes"
        raise NotRebuilt(picture, reason) from error
    except ValidationError as error:
        raise NotRebuilt(picture, " ".join(error.messages)) from error
