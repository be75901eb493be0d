"""The promise in the context of every page, for pages that know no visitor."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from checkout.shipping.offers import usual_offer


def delivery(_request: HttpRequest) -> dict[str, object]:
    """Add ``usual_delivery``, which is read only if a template prints it."""
    return {"usual_delivery": SimpleLazyObject(_usual)}


def _usual() -> dict[str, object]:
    """Return the promise of the first method, and whether some zones take longer."""
    offer, varies = usual_offer()
    return {"promise": offer.promise if offer else None, "varies": varies}
