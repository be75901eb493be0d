"""System checks: unsafe settings are refused before anything starts."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.checks import (
    WARNING,
    CheckMessage,
    Error,
    Tags,
    register,
    run_checks,
)
from django.core.exceptions import ImproperlyConfigured

KEY_PREFIXES = ("sk_test_", "rk_test_", "sk_live_", "rk_live_")
PAYMENT_METHODS = ("card", "konbini")
LONGEST_VOUCHER = 60  # days, by Stripe's rules
LIVE_PREFIXES = ("sk_live_", "rk_live_")


def refuse_unsafe_settings() -> None:
    """Run all system checks, for servers that ``manage.py`` does not start.

    Raises ImproperlyConfigured with each serious message and its hint.
    """
    serious = [
        str(message)
        for message in run_checks()
        if message.is_serious() and not message.is_silenced()
    ]
    if serious:
        raise ImproperlyConfigured("\n\n".join(["Not started:", *serious]))


@register(Tags.security)
def check_production(**_options: Any) -> list[CheckMessage]:
    """With PRODUCTION set, refuse every default that is meant for one machine only."""
    if not settings.PRODUCTION:
        return []
    return [
        *refuse_default_secret_key(),
        *refuse_debug(),
        *require_hosts(),
        *refuse_sqlite(),
        *refuse_bundled_broker(),
        *refuse_sandbox_key(),
    ]


@register(Tags.security)
def check_second_factor(**_options: Any) -> list[CheckMessage]:
    """Warn if staff of a public shop can sign in with a password only."""
    if not settings.PRODUCTION or settings.STAFF_SECOND_FACTOR == "required":
        return []
    return [
        CheckMessage(
            WARNING,
            "PRODUCTION is set but staff may sign in with a password alone.",
            hint="Remove STAFF_SECOND_FACTOR from the environment, or set it to "
            "required: staff are then led to set up an app or a passkey.",
            id="shop.W007",
        )
    ]


@register(Tags.security)
def check_stripe_keys(**_options: Any) -> list[CheckMessage]:
    """Refuse to send a live key, or payments of production, to another server."""
    key: str = settings.STRIPE_SECRET_KEY
    found: list[CheckMessage] = []
    if not key.startswith(KEY_PREFIXES):
        found.append(
            Error(
                "STRIPE_SECRET_KEY is not a secret key of Stripe.",
                hint="It starts with sk_test_ or sk_live_. Remove the variable "
                "to use the sandbox.",
                id="shop.E010",
            )
        )
    elsewhere = settings.STRIPE_API_BASE.rstrip("/") != settings.STRIPE_LIVE_API_BASE
    # The sandbox's key in production has its own message (shop.E006).
    in_production = settings.PRODUCTION and not settings.STRIPE_IS_SANDBOX
    if elsewhere and (key.startswith(LIVE_PREFIXES) or in_production):
        found.append(
            Error(
                f"STRIPE_API_BASE is {settings.STRIPE_API_BASE}: a live key or "
                "production must talk to Stripe itself.",
                hint="Remove STRIPE_API_BASE from the environment.",
                id="shop.E011",
            )
        )
    secrets = settings.STRIPE_WEBHOOK_SECRETS
    published = settings.STRIPE_SANDBOX_WEBHOOK_SECRET in secrets
    if not settings.STRIPE_IS_SANDBOX and published:
        found.append(
            Error(
                "STRIPE_SECRET_KEY is set but STRIPE_WEBHOOK_SECRET is the sandbox's, "
                "which is public: forged events would be accepted.",
                hint="Set STRIPE_WEBHOOK_SECRET to the endpoint's signing secret.",
                id="shop.E012",
            )
        )
    return found


@register(Tags.compatibility)
def check_ways_to_pay(**_options: Any) -> list[CheckMessage]:
    """Refuse payment methods and times of capture that do not exist."""
    methods: list[str] = settings.PAYMENT_METHODS
    wrong = [method for method in methods if method not in PAYMENT_METHODS]
    shown = ",".join(methods)
    complaints = [
        (
            bool(wrong) or not methods,
            f"PAYMENT_METHODS={shown} names no method, or one that does not exist.",
            "Set PAYMENT_METHODS to card or card,konbini.",
        ),
        (
            "konbini" in methods and settings.CURRENCY != "JPY",
            f"PAYMENT_METHODS={shown} needs yen, but CURRENCY={settings.CURRENCY}.",
            "Remove konbini from PAYMENT_METHODS, or set CURRENCY=JPY.",
        ),
        (
            not 1 <= settings.KONBINI_DAYS <= LONGEST_VOUCHER,
            f"KONBINI_DAYS={settings.KONBINI_DAYS} must be 1 to {LONGEST_VOUCHER}.",
            "Set KONBINI_DAYS to the number of days in which a voucher can be paid.",
        ),
        (
            settings.CAPTURE not in ("immediately", "shipment"),
            f"CAPTURE={settings.CAPTURE} is not a time at which cards are charged.",
            "Set CAPTURE to immediately or shipment.",
        ),
    ]
    return [
        Error(complaint, hint=hint, id="shop.E030")
        for applies, complaint, hint in complaints
        if applies
    ]


@register(Tags.compatibility)
def check_numbers(**_options: Any) -> list[CheckMessage]:
    """Refuse numbers out of range."""
    at_least_none = ("CARD_TRIES_PER_HOUR", "TRUSTED_PROXIES")
    at_least_one = ("CARD_TRIES", "WORKERS", "SAGA_MAX_ATTEMPTS")
    positive = (
        "HOLD_MINUTES",
        "SAGA_LEASE",
        "SAGA_RETRY_BASE",
        "STRIPE_TIMEOUT",
        "SWEEPER_INTERVAL",
    )
    found: list[CheckMessage] = [
        Error(
            f"{name}={getattr(settings, name)} must be {wanted}.",
            hint=f"Set {name} to {wanted}, or remove it to get the default.",
            id="shop.E020",
        )
        for names, wanted, fits in (
            (at_least_none, "0 or more", at_least(0)),
            (at_least_one, "1 or more", at_least(1)),
            (positive, "more than 0", more_than(0)),
        )
        for name in names
        if not fits(getattr(settings, name))
    ]
    return found


def at_least(limit: float) -> Callable[[float], bool]:
    return lambda number: number >= limit


def more_than(limit: float) -> Callable[[float], bool]:
    return lambda number: number > limit


def refuse_default_secret_key() -> list[CheckMessage]:
    if settings.SECRET_KEY != settings.LOCAL_SECRET_KEY:
        return []
    return [
        Error(
            "PRODUCTION is set but SECRET_KEY is the published default.",
            hint="Set SECRET_KEY to a long random value, for example from: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="shop.E001",
        )
    ]


def refuse_debug() -> list[CheckMessage]:
    if not settings.DEBUG:
        return []
    return [
        Error(
            "PRODUCTION is set together with DEBUG: errors would show the settings.",
            hint="Remove DEBUG from the environment.",
            id="shop.E002",
        )
    ]


def require_hosts() -> list[CheckMessage]:
    public = set(settings.ALLOWED_HOSTS) - {"127.0.0.1", "localhost", "[::1]"}
    if public and "*" not in public:
        return []
    return [
        Error(
            "PRODUCTION is set but ALLOWED_HOSTS names no public host of this shop.",
            hint="Set ALLOWED_HOSTS to its host names, for example "
            "ALLOWED_HOSTS=shop.example.com",
            id="shop.E003",
        )
    ]


def refuse_sqlite() -> list[CheckMessage]:
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return []
    return [
        Error(
            "PRODUCTION is set but the database is SQLite, a file on one machine.",
            hint="Set DATABASE_URL to a PostgreSQL server, for example "
            "DATABASE_URL=postgres://user:password@host/shop",
            id="shop.E004",
        )
    ]


def refuse_bundled_broker() -> list[CheckMessage]:
    if not settings.BROKER_IS_BUNDLED:
        return []
    return [
        Error(
            "PRODUCTION is set but REDIS_URL is not: the bundled broker runs only "
            "under `manage.py up`.",
            hint="Set REDIS_URL, for example REDIS_URL=redis://host:6379/0",
            id="shop.E005",
        )
    ]


def refuse_sandbox_key() -> list[CheckMessage]:
    if not settings.STRIPE_IS_SANDBOX:
        return []
    return [
        Error(
            "PRODUCTION is set but payments go to the sandbox: no customer would pay.",
            hint="Set STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY and "
            "STRIPE_WEBHOOK_SECRET to the keys of your Stripe account.",
            id="shop.E006",
        )
    ]
