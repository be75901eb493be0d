"""Billing details, addresses and metadata, which many objects have."""

import re
from typing import Any

from sandboxes.stripe.errors import InvalidRequest

Fields = dict[str, Any]
_MAIL_ADDRESS = re.compile(r"[^\s.@\"]+(\.[^\s.@\"]+)*@[^\s.@]+(\.[^\s.@]+)+")
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def address(given: Any) -> Fields:
    """Return all six lines of an address; null where nothing was given."""
    source = given if isinstance(given, dict) else {}
    return {name: source.get(name) or None for name in _ADDRESS}


def mail_address(given: Any, param: str) -> str | None:
    """Return the mail address, or None. Raises InvalidRequest as Stripe does.

    It takes no address with dots side by side or before the @.
    """
    if not given:
        return None
    if not _MAIL_ADDRESS.fullmatch(str(given)):
        raise InvalidRequest(
            message=f"Invalid email address: {given}", code="email_invalid", param=param
        )
    return str(given)


def details(given: Any) -> Fields:
    source = given if isinstance(given, dict) else {}
    return {
        "address": address(source.get("address")),
        "email": mail_address(source.get("email"), "billing_details[email]"),
        "name": source.get("name") or None,
        "phone": source.get("phone") or None,
        "tax_id": source.get("tax_id") or None,
    }


def shipping(given: Any) -> Fields | None:
    if not isinstance(given, dict) or not given:
        return None
    return {
        "address": address(given.get("address")),
        "carrier": given.get("carrier") or None,
        "name": given.get("name") or None,
        "phone": given.get("phone") or None,
        "tracking_number": given.get("tracking_number") or None,
    }


def merged_metadata(old: Fields, given: Any) -> Fields:
    """Merge metadata by Stripe's rule: an empty value removes a key, "" removes all."""
    if given is None:
        return old
    if given == "":
        return {}
    merged = {**old, **given}
    return {name: value for name, value in merged.items() if value != ""}
