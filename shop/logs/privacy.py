"""Cover in lines what they may not hold: secrets, and who the people are.

A line is kept for months, and read by more programs and people than the database. What
a pattern can find is covered here; a name cannot be found, so nobody logs one
(tests/shop/logs/test_calls.py).
"""

import re

from django.utils.crypto import salted_hmac

from shop.text.redaction import HIDDEN, redact_text

# Kind of what is covered -> its pattern. The key's name is for the tests only.
PATTERNS: dict[str, str] = {
    "password in an address": r"(?<=://)[^/\s@]*(?=@)",
    # What staff and the shop itself send to is no exception. 64 is the longest that may
    # stand before the @; without a limit, a long path would be read as often as it has
    # letters.
    "mail address": r"[\w.+%'-]{1,64}@[\w-]+(?:\.[\w-]+)+",
    # A page of an order or a link from a mail opens for whoever knows its address.
    "address that opens a page": (
        r"(?:(?<=/orders/)|(?<=/from-order/))[0-9A-Fa-f-]{32,36}"
        r"|(?<=/missing/)[^/\s]+|(?<=/stop/)[^/\s]+|(?<=/look-up/)[^/\s]+"
    ),
    # Codes and tokens that are asked for by address.
    "value of a query": r"(?<=[?&])(?:code|state|token|key|email|q)=[^&\s\"']*",
}
_PERSONAL = re.compile("|".join(PATTERNS.values()))
# Line breaks and other control characters: no value may look like a line of its own.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_DIGITS = 10


def clean(text: str) -> str:
    """Return ``text`` with secrets and personal data covered."""
    return _PERSONAL.sub(HIDDEN, redact_text(text))


def one_line(text: str) -> str:
    """Return ``text`` with escapes in the place of control characters."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def mark(text: str) -> str:
    """Return a mark by which lines about the same address or name can be compared.

    Nobody can read ``text`` from it. Whoever knows it finds its lines with
    ``manage.py log_mark``. It changes with SECRET_KEY.
    """
    if not text:
        return "unknown"
    return salted_hmac("shop.logs.mark", text.lower()).hexdigest()[:_DIGITS]
