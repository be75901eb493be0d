"""What pages with a card form need: the provider's script, key and permitted hosts."""

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from csp.constants import SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpResponseBase

from checkout.payments.methods import CARD, KONBINI, methods_for
from shop.money import Money

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# https://docs.stripe.com/security/guide#content-security-policy
_STRIPE = {
    "script-src": ["https://js.stripe.com", "https://*.js.stripe.com"],
    "frame-src": [
        "https://js.stripe.com",
        "https://*.js.stripe.com",
        "https://hooks.stripe.com",
    ],
    "connect-src": ["https://api.stripe.com"],
}


def permitted_hosts() -> dict[str, list[str]]:
    parts = urlsplit(settings.STRIPE_JS_URL)
    origin = f"{parts.scheme}://{parts.netloc}"
    if not settings.STRIPE_IS_SANDBOX:
        return {name: [SELF, *hosts] for name, hosts in _STRIPE.items()}
    return {name: [SELF, origin] for name in _STRIPE}


def with_card_form(view: View) -> View:
    """Permit this view's pages to load and call the payment provider."""
    widened: Any = csp_replace(permitted_hosts())(cast("Any", view))
    return cast("View", widened)


def card_form_context(amount: Money) -> dict[str, Any]:
    """Return what the templates of such a page read, for a payment of ``amount``."""
    methods = methods_for(amount.minor, amount.currency)
    return {
        "payment_methods": ",".join(methods),
        "offers_konbini": KONBINI in methods,
        "offers_page": CARD in methods,
        "konbini_days": settings.KONBINI_DAYS,
        "stripe_js_url": settings.STRIPE_JS_URL,
        "stripe_publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
    }
