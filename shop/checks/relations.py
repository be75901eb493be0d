"""Settings whose values make sense only beside those of others."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register
from django.http.request import validate_host

from shop.checks.production import MUTE_BACKENDS
from shop.checks.rules import Rule, messages
from shop.configuration.meanings import APPROVAL_HOURS
from shop.processes.roles import ROLES, WORKER

# A call of Stripe that gets no answer is made twice.
CALLS = 2
# A mail server is waited for at its greeting and after the text, to name the longest.
ANSWERS = 2
# The breaker opens for failures of more than one order.
ORDERS = 2
HOURS = 24
MINUTE = 60
# What the list of the browsers asks for: https://hstspreload.org
PRELOAD_SECONDS = 31_536_000


@register(Tags.compatibility)
def check_relations(**_options: Any) -> list[CheckMessage]:
    return messages(
        [
            *lease_rules(),
            *hold_rules(),
            *history_rules(),
            *limit_rules(),
            *host_rules(),
            *theme_rules(),
            *database_rules(),
        ]
    )


def lease_rules() -> Iterator[Rule]:
    """Yield the rules about leases, tries and the answers that they wait for."""
    shortest = CALLS * settings.STRIPE_TIMEOUT
    yield Rule(
        "shop.E020",
        shortest > settings.SAGA_LEASE,
        f"SAGA_LEASE={settings.SAGA_LEASE:g} is too short for STRIPE_TIMEOUT="
        f"{settings.STRIPE_TIMEOUT:g}: a step that still waits for Stripe would count "
        "as lost, and another worker would do it a second time.",
        f"Set SAGA_LEASE to {shortest:g} or more, or STRIPE_TIMEOUT to "
        f"{settings.SAGA_LEASE / CALLS:g} or less.",
    )
    slowest_mail = ANSWERS * settings.EMAIL_TIMEOUT
    yield Rule(
        "shop.E024",
        settings.EMAIL_BACKEND.split(".")[-2] not in MUTE_BACKENDS
        and slowest_mail > settings.SAGA_LEASE,
        f"SAGA_LEASE={settings.SAGA_LEASE:g} is too short for a mail server that takes "
        f"{settings.EMAIL_TIMEOUT} s for an answer: a mail that is still being sent "
        "would count as lost, and another worker would send it a second time.",
        f"Set SAGA_LEASE to {slowest_mail} or more.",
    )
    alone = ORDERS * settings.SAGA_MAX_ATTEMPTS
    yield Rule(
        "shop.W036",
        alone <= settings.BREAKER_FAILURES,
        f"BREAKER_FAILURES={settings.BREAKER_FAILURES} is too many for "
        f"SAGA_MAX_ATTEMPTS={settings.SAGA_MAX_ATTEMPTS}: in an outage, two orders of "
        "a quiet hour use up their tries and wait for a person before the others know "
        "of it.",
        f"Set BREAKER_FAILURES to {alone - 1} or less, or SAGA_MAX_ATTEMPTS to more.",
    )


def hold_rules() -> Iterator[Rule]:
    """Yield the rules about how long goods are set aside, and how many."""
    hold = settings.HOLD_MINUTES
    yield Rule(
        "shop.W024",
        hold < settings.DECLINED_HOLD_MINUTES,
        f"DECLINED_HOLD_MINUTES={settings.DECLINED_HOLD_MINUTES:g} is longer than "
        f"HOLD_MINUTES={hold:g} and has no effect: after a declined card goods are set "
        "aside for no longer than before.",
        f"Set DECLINED_HOLD_MINUTES to {hold:g} or less, or HOLD_MINUTES to more.",
    )
    yield Rule(
        "shop.W025",
        hold * MINUTE < settings.SAGA_LEASE,
        f"HOLD_MINUTES={hold:g} is shorter than SAGA_LEASE={settings.SAGA_LEASE:g} "
        "seconds: an order whose worker hangs loses its goods before another worker "
        "takes it over.",
        f"Set HOLD_MINUTES to {settings.SAGA_LEASE / MINUTE:g} or more.",
    )
    whole = settings.UNPAID_HOLD_PERCENT
    yield Rule(
        "shop.W032",
        whole < settings.UNPAID_HOLD_PERCENT_PER_ADDRESS,
        f"UNPAID_HOLD_PERCENT_PER_ADDRESS={settings.UNPAID_HOLD_PERCENT_PER_ADDRESS} "
        f"is more than UNPAID_HOLD_PERCENT={whole}, which is for all addresses "
        "together: one of them can hold all of it.",
        f"Set UNPAID_HOLD_PERCENT_PER_ADDRESS to {whole} or less.",
    )


def history_rules() -> Iterator[Rule]:
    """Yield the rules about what is compared, and for how long it is kept."""
    yield Rule(
        "shop.E021",
        settings.RECONCILE_DAYS * HOURS < settings.RECONCILE_HOURS,
        f"RECONCILE_DAYS={settings.RECONCILE_DAYS:g} is shorter than RECONCILE_HOURS="
        f"{settings.RECONCILE_HOURS:g}: payments between two comparisons would never "
        "be compared.",
        "Set RECONCILE_DAYS so that it covers more than one RECONCILE_HOURS.",
    )
    yield Rule(
        "shop.E023",
        "konbini" in settings.PAYMENT_METHODS
        and settings.RECONCILE_DAYS <= settings.KONBINI_DAYS,
        f"RECONCILE_DAYS={settings.RECONCILE_DAYS:g} is not longer than KONBINI_DAYS="
        f"{settings.KONBINI_DAYS}: what a customer pays at a store on the last day "
        "would not be compared any more.",
        f"Set RECONCILE_DAYS to {settings.KONBINI_DAYS + 1} or more.",
    )
    shortest = APPROVAL_HOURS // HOURS + 1
    yield Rule(
        "shop.E026",
        settings.CAPTURE == "shipment" and shortest > settings.RECONCILE_DAYS,
        f"RECONCILE_DAYS={settings.RECONCILE_DAYS:g} is not longer than the "
        f"{APPROVAL_HOURS // HOURS} days for which a bank approves a card: with "
        "CAPTURE=shipment, what is charged on the last day would not be compared any "
        "more.",
        f"Set RECONCILE_DAYS to {shortest} or more.",
    )
    yield Rule(
        "shop.E028",
        0 < settings.SAGA_HISTORY_DAYS < settings.RECONCILE_DAYS,
        f"SAGA_HISTORY_DAYS={settings.SAGA_HISTORY_DAYS} is shorter than "
        f"RECONCILE_DAYS={settings.RECONCILE_DAYS:g}: of a payment that does not "
        "agree, the tries and webhooks that explain it would be gone.",
        f"Set SAGA_HISTORY_DAYS to {settings.RECONCILE_DAYS:g} or more, or to 0 to "
        "keep them for ever.",
    )


def limit_rules() -> Iterator[Rule]:
    """Yield the rules about how many cards may be tried."""
    declined, cards = settings.CARD_TRIES_PER_HOUR, settings.CARDS_PER_HOUR
    yield Rule(
        "shop.W029",
        0 < cards < declined,
        f"CARDS_PER_HOUR={cards} counts all cards of an address and is less than "
        f"CARD_TRIES_PER_HOUR={declined}, which counts the declined ones: that limit "
        "is never reached.",
        f"Set CARDS_PER_HOUR to more than {declined}, or to 0 for no limit.",
    )
    yield Rule(
        "shop.W031",
        0 < declined < settings.CARD_TRIES,
        f"CARD_TRIES={settings.CARD_TRIES} promises a customer more cards than "
        f"CARD_TRIES_PER_HOUR={declined} takes from one address.",
        f"Set CARD_TRIES to {declined} or less, or CARD_TRIES_PER_HOUR to more.",
    )


def host_rules() -> Iterator[Rule]:
    """Yield the rules about the addresses of the shop and of its visitors."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    yield Rule(
        "shop.W033",
        # In production this has its own message (shop.E009).
        not settings.PRODUCTION and not validate_host(host, settings.ALLOWED_HOSTS),
        f"The host of SITE_URL={settings.SITE_URL} is not in ALLOWED_HOSTS: the shop "
        "refuses whoever follows a link of its mails.",
        f"Add {host} to ALLOWED_HOSTS, or correct SITE_URL.",
    )
    yield Rule(
        "shop.W034",
        settings.PRODUCTION and not settings.TRUSTED_PROXIES,
        "PRODUCTION is set with TRUSTED_PROXIES=0, but a proxy holds the certificate: "
        "all customers would have its address, and share the limits of one.",
        "Remove TRUSTED_PROXIES from the environment, or set it to the number of "
        "proxies.",
    )
    yield Rule(
        "shop.E022",
        settings.SECURE_HSTS_PRELOAD
        and not (
            settings.SECURE_HSTS_INCLUDE_SUBDOMAINS
            and settings.HSTS_SECONDS >= PRELOAD_SECONDS
        ),
        "HSTS_PRELOAD is set, but browsers take no host into their list without its "
        "subdomains and for less than a year.",
        f"Set HSTS_SUBDOMAINS=true and HSTS_SECONDS={PRELOAD_SECONDS} or more, or "
        "remove HSTS_PRELOAD.",
    )


def database_rules() -> Iterator[Rule]:
    """Yield the rules about how long PostgreSQL keeps a process waiting."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return
    lease = settings.SAGA_LEASE * 1000  # milliseconds
    worker = settings.STATEMENT_TIMEOUTS[WORKER]
    yield Rule(
        "shop.W073",
        settings.PRODUCTION and not 0 < worker <= lease,
        f"DATABASE_STATEMENT_TIMEOUT lets a worker's statement run for "
        f"{worker / 1000:g} s (0: for ever), longer than SAGA_LEASE="
        f"{settings.SAGA_LEASE:g}: another worker takes the order over meanwhile, and "
        "waits for the same lock.",
        f"Set worker={settings.SAGA_LEASE:g} or less in DATABASE_STATEMENT_TIMEOUT, or "
        "SAGA_LEASE to more.",
    )
    without_effect = [
        role
        for role in ROLES
        if 0 < settings.STATEMENT_TIMEOUTS[role] < settings.LOCK_TIMEOUTS[role]
    ]
    yield Rule(
        "shop.W074",
        bool(without_effect),
        f"DATABASE_LOCK_TIMEOUT is longer than DATABASE_STATEMENT_TIMEOUT for "
        f"{', '.join(without_effect)} and has no effect: the statement ends first.",
        "Set DATABASE_LOCK_TIMEOUT to less, so that the log says that a lock was "
        "waited for.",
    )


def theme_rules() -> Iterator[Rule]:
    """Yield the rule about the folder of the shop's own pages and styles."""
    yield Rule(
        "shop.E050",
        not all(theme.is_dir() for theme in settings.THEME),
        f"THEME_DIR={settings.THEME_DIR} is not a folder: the shop would look as if "
        "there were no theme.",
        "Make the folder, correct THEME_DIR, or remove it from the environment.",
    )
