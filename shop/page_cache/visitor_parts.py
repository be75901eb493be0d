"""The parts of a kept page that differ from visitor to visitor, such as the cart.

A page to be kept is made with a mark in the place of each part. The mark is a random
number of this process, so no text of a page or of a request can contain it.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

_SECRET = secrets.token_hex(16)
_MARK = re.compile(rf"<visitor-part {_SECRET} (\w+)>".encode())


@dataclass(frozen=True)
class VisitorPart:
    """``render`` makes the part for a request, in the active language.

    ``concerns`` returns whether it may look different than for a guest.
    """

    render: Callable[[HttpRequest], str]
    concerns: Callable[[HttpRequest], bool]


PARTS: dict[str, VisitorPart] = {}


def register(name: str, part: VisitorPart) -> None:
    """Register a part; rooms above do it when the application starts."""
    PARTS[name] = part


def mark(name: str) -> str:
    """Return what a template writes in the place of the part."""
    return f"<visitor-part {_SECRET} {name}>"


def split(content: bytes) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """Return what is around the marks, and the name of the part between each two."""
    found = _MARK.split(content)
    return tuple(found[::2]), tuple(name.decode() for name in found[1::2])


def concern(request: HttpRequest) -> bool:
    """Return whether some part may look different for this visitor than for a guest."""
    return any(part.concerns(request) for part in PARTS.values())


def render(names: tuple[str, ...], request: HttpRequest) -> list[bytes]:
    """Return the parts as this visitor sees them, in the active language."""
    made = {name: PARTS[name].render(request).encode() for name in set(names)}
    return [made[name] for name in names]
