"""The promise in the context of every page, for pages that know no visitor."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from checkout.shipping.usual import usual_offer


def delivery(_request: HttpRequest) -> dict[str, object]:
    """Add ``usual_delivery``, which is read only if a template prints it."""
    return {"usual_delivery": SimpleLazyObject(_usual)}


def _usual() -> dict[str, object]:
    """Return the first method's offer and promise, and where goods are picked up."""
    usual = usual_offer()
    promise = usual.offer.promise if usual.offer else None
    return {"promise": promise, **vars(usual)}
