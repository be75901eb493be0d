"""The part of an error that is the same for all sagas: its text without names."""

import re

# A word with a digit or an @ names one thing: an order, a payment, a person.
_NAMES = re.compile(r"\S*[\d@]\S*")
_LONGEST = 120


def error_signature(error_class: str, error: str) -> str:
    """Return the same text for failures of the same cause in different orders."""
    text = _NAMES.sub("#", " ".join(error.split()))
    return f"{error_class}: {text}"[:_LONGEST]
