"""Text as every database can store it. What comes from outside passes through here."""

import re

# PostgreSQL refuses NUL, and no encoding knows half of a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_CUT = "…"


def storable(text: str, longest: int | None = None) -> str:
    """Return ``text`` without what no database takes, and no longer than ``longest``.

    What is replaced shows as U+FFFD, and what is cut ends with an ellipsis.
    """
    clean = _UNSTORABLE.sub(_REPLACEMENT, text)
    if longest is None or len(clean) <= longest:
        return clean
    return clean[: longest - len(_CUT)] + _CUT
