"""The context processor of all templates."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language


def shop(_request: HttpRequest) -> dict[str, object]:
    """Return the shop's name, and whether payments are only simulated."""
    names: dict[str, str] = settings.SHOP_NAME
    language = (get_language() or "en")[:2]
    return {
        "shop_name": names.get(language, names["en"]),
        "payments_are_simulated": settings.STRIPE_IS_SANDBOX,
    }
