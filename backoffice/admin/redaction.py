"""Nothing secret on a page: what looks like a key, a token or a card is covered."""

import re
from typing import Any

COVER = "•••"
_NAMES = re.compile(r"secret|token|password|authorization|api_?key|cvc", re.IGNORECASE)
# Keys of Stripe's API, webhook secrets, client secrets, confirmation tokens, cards.
_VALUES = re.compile(
    r"\b(?:sk|rk|whsec)_\w+|\b\w+_secret_\w+|\bctoken_\w+|\b\d(?:[ -]?\d){12,18}\b"
)


def redact(value: Any) -> Any:
    """Return the same JSON value with everything secret covered."""
    if isinstance(value, dict):
        return {
            name: COVER if inner and _NAMES.search(str(name)) else redact(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [redact(inner) for inner in value]
    return redact_text(value) if isinstance(value, str) else value


def redact_text(text: str) -> str:
    return _VALUES.sub(COVER, text)
