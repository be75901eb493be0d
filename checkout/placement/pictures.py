"""Which files of pictures are shown: by products, and by orders that were placed."""

from django.conf import settings

from orders.models import OrderLine
from shop.catalogue.unused_pictures import remove_unused, shown_by_goods


def kept_pictures() -> set[str]:
    """Return the names of all files that goods or orders show.

    An order shows the picture that the product had when it was placed, for ever.
    """
    lines = OrderLine.objects.exclude(picture="").values_list("picture", flat=True)
    ordered = {url.removeprefix(settings.MEDIA_URL) for url in lines.distinct()}
    return shown_by_goods() | ordered


def remove_unused_pictures() -> int:
    """Remove files that nothing has shown for a month. Return how many."""
    return remove_unused(kept_pictures())
