"""What is known of an object at the provider that this version cannot read."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class UnreadableObject:
    """One object of a list, in place of the object itself.

    ``kind`` is the provider's word for it. ``id`` is empty if that cannot be read
    either. ``why`` names the field.
    """

    kind: str
    id: str
    why: str
    created_at: datetime | None = None
