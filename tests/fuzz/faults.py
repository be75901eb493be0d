"""What counts as a fault of the shop, and which faults are the same."""

import re
from dataclasses import dataclass

TRACE = "Traceback (most recent call last)"
_ERROR = re.compile(r"\b(\w+(?:\.\w+)*(?:Error|Exception|Warning|[a-z]Failed)): ")
_OWN_CODE = re.compile(
    r'File "[^"]*?/((?:shop|checkout|backoffice|orders|inventory|saga)'
    r'/[^"]+)", line (\d+)'
)


@dataclass
class Fault(Exception):
    """The shop failed. ``kind`` is the same for the same fault, as far as one sees."""

    kind: str
    details: str

    def __str__(self) -> str:
        return f"{self.kind}\n{self.details}"


def describe(lines: str) -> str:
    """Return the last error of the log's new lines, and our line that led to it."""
    trace = lines[lines.index(TRACE) :]
    errors = _ERROR.findall(trace)
    places = _OWN_CODE.findall(trace)
    where = ":".join(places[-1]) if places else "outside of our code"
    return f"{errors[-1] if errors else 'an error'} at {where}"
