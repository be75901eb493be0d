"""A rule about settings, and the message of one that is broken."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.checks import ERROR, WARNING, CheckMessage


@dataclass(frozen=True)
class Rule:
    """What must not be (``broken``), the complaint about it, and the way out."""

    id: str
    broken: bool
    complaint: str
    hint: str

    @property
    def message(self) -> CheckMessage:
        level = WARNING if self.id.startswith("shop.W") else ERROR
        return CheckMessage(level, self.complaint, hint=self.hint, id=self.id)


def messages(rules: Iterable[Rule]) -> list[CheckMessage]:
    """Return the message of every broken rule."""
    return [rule.message for rule in rules if rule.broken]
