"""One line of the worklist."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of the worklist; ``tone`` is "bad", "low" or "calm"."""

    text: str
    url: str
    tone: str = "bad"
