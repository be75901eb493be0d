"""Events as other systems get them: CloudEvents 1.0, in JSON.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from events.models import Event

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
# CloudEvents' extension "sequence" is compared as text.
_DIGITS = 10


def envelope(event: Event) -> dict[str, Any]:
    """Return the event's attributes and data.

    ``source`` and ``id`` together are unique. ``sequence`` numbers the events of one
    ``subject``, from 1 without gaps; a receiver that filters sees gaps.
    """
    said = {
        "specversion": "1.0",
        "id": str(event.uid),
        "source": settings.SITE_URL,
        "type": event.type,
        "subject": event.subject,
        "time": utc(event.occurred_at),
        "datacontenttype": "application/json",
        "sequence": str(event.sequence).zfill(_DIGITS),
        "dataversion": event.version,
        "data": event.data,
    }
    if event.correlation:
        said["correlation"] = event.correlation
    return said


def write(said: dict[str, Any]) -> str:
    """Return the JSON that is signed and sent; the same for the same event."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
