"""The announcements in the context of every page."""

from django.http import HttpRequest

from checkout.announcements.services import active_announcements
from shop.page_cache import lazily_kept


def announcements(_request: HttpRequest) -> dict[str, object]:
    """Add ``announcements``, which are read only if a template prints them."""
    return {"announcements": lazily_kept(active_announcements)}
