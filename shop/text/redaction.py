"""Remove secrets, card numbers and rows of the database from texts."""

import re
from typing import Any

# The replacement in texts that are stored, and the one on the staff's pages.
HIDDEN = "[hidden]"
COVER = "•••"

# Kind of secret -> its pattern. The key's name is for the tests only.
# https://docs.stripe.com/keys
PATTERNS: dict[str, str] = {
    "API key": r"\b[sr]k_[\w*]+",
    "webhook secret": r"\bwhsec_[\w*+/]+=*",
    "confirmation token": r"\bctoken_[\w*]+",
    "token of a card": r"\btok_[\w*]+",
    # The number of the payment before it is no secret.
    "client secret": r"_secret_\w+",
    # Thirteen digits and more, in groups or not: nothing else of ours is so long.
    "card number": r"\b\d(?:[ -]?\d){12,18}\b",
}
_SECRET = re.compile("|".join(PATTERNS.values()))
# PostgreSQL quotes the row that it refused, with names and addresses. A text in it may
# have several lines; the row ends with a bracket and a full stop.
_ROW = re.compile(
    r"(?<=DETAIL:)\s*Failing row contains \((?s:.*?)(?:\)\.(?=\n|\Z)|\Z)"
    r"|(?:(?<=DETAIL:)|(?<=CONTEXT:)).*"
)
# Keys of JSON objects whose values are secret, whatever their pattern.
_SECRET_NAME = re.compile(
    r"secret|token|password|authorization|api_?key|cvc", re.IGNORECASE
)


def redact_text(text: str, cover: str = HIDDEN) -> str:
    """Return ``text`` with ``cover`` in the place of each secret and quoted row."""
    return _SECRET.sub(cover, _ROW.sub(cover, text))


def redact_json(value: Any, cover: str = HIDDEN) -> Any:
    """Return the same JSON value; secrets are covered, found by pattern or key."""
    if isinstance(value, dict):
        return {
            name: cover
            if inner and _SECRET_NAME.search(str(name))
            else redact_json(inner, cover)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [redact_json(inner, cover) for inner in value]
    return redact_text(value, cover) if isinstance(value, str) else value
