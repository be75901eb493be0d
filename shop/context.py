"""The context processor of all templates."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shop.pages.addresses import addresses_of
from shop.pages.frame import Frame, read_frame
from shop.web.languages import without_language


def shop(request: HttpRequest) -> dict[str, object]:
    """Return the shop's frame, read only if a template prints it, and two settings."""
    frame = cast("Frame", SimpleLazyObject(read_frame))
    return {
        "frame": frame,
        "shop": SimpleLazyObject(lambda: frame.profile),
        "shop_name": SimpleLazyObject(lambda: frame.profile.shop_name),
        "addresses": SimpleLazyObject(lambda: addresses_of(request)),
        "path_without_language": SimpleLazyObject(lambda: without_language(request)),
        "payments_are_simulated": settings.STRIPE_IS_SANDBOX,
        "site_url": settings.SITE_URL,
        "return_days": settings.RETURN_DAYS,
    }
