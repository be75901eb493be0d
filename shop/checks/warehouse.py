"""The address and the secrets of the warehouse that belong together."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register

from shop.checks.rules import Rule, messages


@register(Tags.security)
def check_warehouse(**_options: Any) -> list[CheckMessage]:
    """Refuse a warehouse that cannot be reached, or whose reports anybody may forge."""
    if settings.WAREHOUSE == "manual":
        return []
    return messages([*address_rules(), *secret_rules()])


def address_rules() -> Iterator[Rule]:
    yield Rule(
        "shop.E040",
        not settings.WAREHOUSE_URL,
        "WAREHOUSE=http is set but WAREHOUSE_URL is not: no order would be sent.",
        "Set WAREHOUSE_URL to the address of the warehouse system, or WAREHOUSE=manual "
        "if staff pack the parcels.",
    )
    yield Rule(
        "shop.E041",
        settings.PRODUCTION and not settings.STAGING and settings.WAREHOUSE_IS_SANDBOX,
        "PRODUCTION is set but WAREHOUSE=sandbox: no parcel would leave.",
        "Set WAREHOUSE=http with WAREHOUSE_URL, WAREHOUSE_SECRET and "
        "WAREHOUSE_REPORT_SECRET, or WAREHOUSE=manual.",
    )
    yield Rule(
        "shop.E042",
        settings.PRODUCTION and settings.WAREHOUSE_URL.startswith("http://"),
        "PRODUCTION is set but WAREHOUSE_URL begins with http://: names and addresses "
        "of customers would be sent in the clear.",
        "Set WAREHOUSE_URL to an address that begins with https://",
    )
    shortest = settings.WAREHOUSE_TIMEOUT * 2
    yield Rule(
        "shop.E043",
        shortest > settings.SAGA_LEASE,
        f"SAGA_LEASE={settings.SAGA_LEASE:g} is too short for WAREHOUSE_TIMEOUT="
        f"{settings.WAREHOUSE_TIMEOUT:g}: a step that still waits for the warehouse "
        "would count as lost.",
        f"Set SAGA_LEASE to {shortest:g} or more, or WAREHOUSE_TIMEOUT to "
        f"{settings.SAGA_LEASE / 2:g} or less.",
    )


def secret_rules() -> Iterator[Rule]:
    calls = set(settings.WAREHOUSE_SECRETS)
    reports = set(settings.WAREHOUSE_REPORT_SECRETS)
    yield Rule(
        "shop.E044",
        not calls or not reports,
        "WAREHOUSE=http is set but WAREHOUSE_SECRET or WAREHOUSE_REPORT_SECRET is not.",
        "Set both: the first signs what the shop sends, the second what the warehouse "
        "reports.",
    )
    published = {
        settings.WAREHOUSE_SANDBOX_SECRET,
        settings.WAREHOUSE_SANDBOX_REPORT_SECRET,
    }
    yield Rule(
        "shop.E045",
        not settings.WAREHOUSE_IS_SANDBOX and bool(published & (calls | reports)),
        "A secret of the warehouse is the sandbox's, which is public: forged reports "
        "would be accepted.",
        "Set WAREHOUSE_SECRET and WAREHOUSE_REPORT_SECRET to secrets of your own.",
    )
    yield Rule(
        "shop.E046",
        bool(calls & reports),
        "WAREHOUSE_SECRET and WAREHOUSE_REPORT_SECRET have a secret in common: a call "
        "of the shop could be sent back to it as a report.",
        "Use another secret for each direction.",
    )
