"""Billing details, addresses and metadata, which many objects have."""

from typing import Any

Fields = dict[str, Any]
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def address(given: Any) -> Fields:
    """Return all six lines of an address; null where nothing was given."""
    source = given if isinstance(given, dict) else {}
    return {name: source.get(name) or None for name in _ADDRESS}


def details(given: Any) -> Fields:
    source = given if isinstance(given, dict) else {}
    return {
        "address": address(source.get("address")),
        "email": source.get("email") or None,
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
