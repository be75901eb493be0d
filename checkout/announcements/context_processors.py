"""What announcements add to every page."""

from django.http import HttpRequest

from checkout.announcements.services import active_announcements
from shop.page_cache import lazily_kept


def announcements(_request: HttpRequest) -> dict[str, object]:
    """Give templates ``announcements``; asked for only by pages that print them."""
    return {"announcements": lazily_kept(active_announcements)}
