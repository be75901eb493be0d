"""One thing found, before it is kept."""

from dataclasses import dataclass, field
from typing import Any

from checkout.reconciliation.kinds import Kind


@dataclass(frozen=True)
class Finding:
    """``facts`` are what the sentence is made of: numbers and names, JSON only."""

    kind: Kind
    subject: str
    order_number: str = ""
    intent_id: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
