"""The announcements in the context of every page."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from checkout.announcements.services import active_announcements


def announcements(_request: HttpRequest) -> dict[str, object]:
    """Add ``announcements``, which are read only if a template prints them."""
    return {"announcements": SimpleLazyObject(active_announcements)}
