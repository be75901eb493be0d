"""With PRODUCTION set, every default that is meant for one machine is refused."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.http.request import validate_host

from shop.checks.rules import Rule, messages

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
# Backends that send nothing.
MUTE_BACKENDS = ("console", "dummy", "filebased", "locmem")


@register(Tags.security)
def check_production(**_options: Any) -> list[CheckMessage]:
    if not settings.PRODUCTION:
        return []
    return messages([*security_rules(), *service_rules(), *message_rules()])


def security_rules() -> Iterator[Rule]:
    yield Rule(
        "shop.E001",
        settings.SECRET_KEY == settings.LOCAL_SECRET_KEY,
        "PRODUCTION is set but SECRET_KEY is the published default.",
        "Set SECRET_KEY to a long random value, for example from: "
        'python -c "import secrets; print(secrets.token_urlsafe(50))"',
    )
    yield Rule(
        "shop.E002",
        settings.DEBUG,
        "PRODUCTION is set together with DEBUG: errors would show the settings.",
        "Remove DEBUG from the environment.",
    )
    public = set(settings.ALLOWED_HOSTS) - LOCAL_HOSTS
    yield Rule(
        "shop.E003",
        not public or "*" in public,
        "PRODUCTION is set but ALLOWED_HOSTS names no public host of this shop.",
        "Set ALLOWED_HOSTS to its host names, for example "
        "ALLOWED_HOSTS=shop.example.com",
    )
    yield Rule(
        "shop.W007",
        settings.STAFF_SECOND_FACTOR != "required",
        "PRODUCTION is set but staff may sign in with a password alone.",
        "Remove STAFF_SECOND_FACTOR from the environment, or set it to required: staff "
        "are then led to set up an app or a passkey.",
    )


def service_rules() -> Iterator[Rule]:
    yield Rule(
        "shop.E004",
        settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
        "PRODUCTION is set but the database is SQLite, a file on one machine.",
        "Set DATABASE_URL to a PostgreSQL server, for example "
        "DATABASE_URL=postgres://user:password@host/shop",
    )
    yield Rule(
        "shop.E005",
        settings.BROKER_IS_BUNDLED,
        "PRODUCTION is set but BROKER_URL is not: the bundled broker runs only under "
        "`manage.py up`.",
        "Set BROKER_URL, for example BROKER_URL=redis://host:6379/0",
    )
    yield Rule(
        "shop.W019",
        settings.DATA_DIR == settings.LOCAL_DATA_DIR,
        f"PRODUCTION is set but DATA_DIR is not: uploaded pictures are kept in "
        f"{settings.DATA_DIR}, beside the code.",
        "Set DATA_DIR to a folder that outlasts the next version and that all web "
        "hosts share.",
    )
    yield Rule(
        "shop.E006",
        settings.STRIPE_IS_SANDBOX and not settings.STAGING,
        "PRODUCTION is set but payments go to the sandbox: no customer would pay.",
        "Set STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY and STRIPE_WEBHOOK_SECRET to "
        "the keys of your Stripe account, or STAGING=true for a rehearsal.",
    )


def message_rules() -> Iterator[Rule]:
    """Yield what customers and staff would not hear of, or could not follow."""
    yield Rule(
        "shop.E007",
        settings.EMAIL_BACKEND.split(".")[-2] in MUTE_BACKENDS,
        "PRODUCTION is set but EMAIL_URL names no mail server: mails to customers and "
        "staff would reach nobody.",
        "Set EMAIL_URL, for example "
        "EMAIL_URL=smtp+tls://user:password@mail.example.com:587",
    )
    yield Rule(
        "shop.E008",
        not settings.ALERT_EMAILS and not settings.ALERT_CHAT_WEBHOOK_URL,
        "PRODUCTION is set but ALERT_EMAILS is not, nor ALERT_CHAT_WEBHOOK_URL: nobody "
        "would learn that an order is stuck.",
        "Set ALERT_EMAILS to the staff who mend orders, for example "
        "ALERT_EMAILS=staff@example.com",
    )
    yield Rule(
        "shop.E009",
        not is_public_address(settings.SITE_URL),
        f"PRODUCTION is set but SITE_URL={settings.SITE_URL} is not the public address "
        "of this shop: links in mails and alerts would lead nowhere.",
        "Set SITE_URL to an address that begins with https:// and whose host is in "
        "ALLOWED_HOSTS, for example SITE_URL=https://shop.example.com",
    )
    yield Rule(
        "shop.E013",
        settings.DEFAULT_FROM_EMAIL == settings.LOCAL_SENDER,
        "PRODUCTION is set but DEFAULT_FROM_EMAIL is not: mails would come from "
        f"{settings.LOCAL_SENDER}, which does not exist.",
        "Set DEFAULT_FROM_EMAIL to an address of this shop, from which its mail server "
        "may send.",
    )
    yield Rule(
        "shop.W018",
        "://" not in settings.RUNBOOK_URL,
        f"PRODUCTION is set but RUNBOOK_URL={settings.RUNBOOK_URL} is no URL: staff "
        "cannot follow the links in alerts.",
        "Set RUNBOOK_URL to where they read docs/operations/README.md.",
    )


def is_public_address(url: str) -> bool:
    """Return whether browsers reach this shop by ``url``, over HTTPS."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return (
        parts.scheme == "https"
        and host not in LOCAL_HOSTS | {"::1"}
        and validate_host(host, settings.ALLOWED_HOSTS)
    )
