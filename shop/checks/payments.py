"""Keys of Stripe that belong together, and ways to pay that can be offered."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register

from shop.checks.rules import Rule, messages

LIVE_PREFIXES = ("sk_live_", "rk_live_")
YEN_ONLY = "konbini"


@register(Tags.security)
def check_stripe_keys(**_options: Any) -> list[CheckMessage]:
    """Refuse keys of different accounts, and a live key for another server."""
    return messages([*server_rules(), *key_rules(), *staging_rules()])


def server_rules() -> Iterator[Rule]:
    is_live = settings.STRIPE_SECRET_KEY.startswith(LIVE_PREFIXES)
    # The sandbox's key in production has its own message (shop.E006).
    in_production = (
        settings.PRODUCTION and not settings.STAGING and not settings.STRIPE_IS_SANDBOX
    )
    elsewhere = settings.STRIPE_API_BASE != settings.STRIPE_LIVE_API_BASE
    yield Rule(
        "shop.E011",
        elsewhere and (is_live or in_production),
        f"STRIPE_API_BASE is {settings.STRIPE_API_BASE}: a live key or production must "
        "talk to Stripe itself.",
        "Remove STRIPE_API_BASE from the environment.",
    )
    script_elsewhere = settings.STRIPE_JS_URL != settings.STRIPE_LIVE_JS_URL
    yield Rule(
        "shop.E015",
        script_elsewhere and (is_live or in_production),
        f"STRIPE_JS_URL is {settings.STRIPE_JS_URL}: with a live key or in production "
        "only Stripe's own script may read card numbers.",
        "Remove STRIPE_JS_URL from the environment.",
    )


def key_rules() -> Iterator[Rule]:
    published = settings.STRIPE_SANDBOX_WEBHOOK_SECRET
    yield Rule(
        "shop.E012",
        not settings.STRIPE_IS_SANDBOX and published in settings.STRIPE_WEBHOOK_SECRETS,
        "STRIPE_SECRET_KEY is set but STRIPE_WEBHOOK_SECRET is the sandbox's, which is "
        "public: forged events would be accepted.",
        "Set STRIPE_WEBHOOK_SECRET to the endpoint's signing secret.",
    )
    secret, publishable = settings.STRIPE_SECRET_KEY, settings.STRIPE_PUBLISHABLE_KEY
    public_default = settings.STRIPE_SANDBOX_PUBLISHABLE_KEY
    yield Rule(
        "shop.E014",
        (publishable == public_default) != settings.STRIPE_IS_SANDBOX,
        "Of STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY only one is set: the form for "
        "cards and the charge would use different accounts.",
        "Set both to keys of the same Stripe account, or neither.",
    )
    yield Rule(
        "shop.E016",
        mode_of(secret) != mode_of(publishable),
        f"STRIPE_SECRET_KEY is a {mode_of(secret)} key but STRIPE_PUBLISHABLE_KEY is a "
        f"{mode_of(publishable)} key: no card could be charged.",
        "Set both to live keys or both to test keys, of the same Stripe account.",
    )
    yield Rule(
        "shop.E017",
        settings.PRODUCTION
        and not settings.STAGING
        and not settings.STRIPE_IS_SANDBOX
        and mode_of(secret) == "test",
        "PRODUCTION is set with a test key of Stripe: orders are shipped, but no money "
        "is taken.",
        "Set STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY and STRIPE_WEBHOOK_SECRET to "
        "those of the live mode, or STAGING=true if this is a rehearsal.",
    )


def staging_rules() -> Iterator[Rule]:
    """Yield the rules about a rehearsal: it must never take or seem to take money."""
    yield Rule(
        "shop.E070",
        settings.STAGING
        and "live"
        in (
            mode_of(settings.STRIPE_SECRET_KEY),
            mode_of(settings.STRIPE_PUBLISHABLE_KEY),
        ),
        "STAGING is set with a live key of Stripe: a rehearsal would charge cards.",
        "Set STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY and STRIPE_WEBHOOK_SECRET to "
        "those of the test mode, or remove STAGING if customers shop here.",
    )
    yield Rule(
        "shop.E071",
        settings.STAGING and not settings.PRODUCTION,
        "STAGING is set but PRODUCTION is not: what is rehearsed would not be what "
        "runs in production.",
        "Set PRODUCTION=true as well, or remove STAGING.",
    )
    yield Rule(
        "shop.E072",
        settings.STAGING and not settings.STRIPE_JS_URL.startswith("https://"),
        f"STAGING is set but STRIPE_JS_URL={settings.STRIPE_JS_URL} is not loaded by "
        "browsers into a page of HTTPS: no card could be entered.",
        "Set STRIPE_SECRET_KEY and the other keys to those of Stripe's test mode, or "
        "STRIPE_JS_URL to where the proxy shows the sandbox.",
    )


def mode_of(key: str) -> str:
    """Return the mode that a key of Stripe names: "live" or "test"."""
    return key.split("_")[1]


@register(Tags.compatibility)
def check_ways_to_pay(**_options: Any) -> list[CheckMessage]:
    methods = settings.PAYMENT_METHODS
    return messages(
        [
            Rule(
                "shop.E030",
                YEN_ONLY in methods and settings.CURRENCY != "JPY",
                f"PAYMENT_METHODS={','.join(methods)} needs yen, but CURRENCY="
                f"{settings.CURRENCY}.",
                "Remove konbini from PAYMENT_METHODS, or set CURRENCY=JPY.",
            )
        ]
    )
