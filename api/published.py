"""The schemas that clients rely on, in docs/."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from graphql import build_schema
from graphql.utilities import find_breaking_changes

from api import schema
from api.staff import schema as staff

_DOCS = Path(settings.BASE_DIR) / "docs"
# The file -> what the code serves.
SCHEMAS: dict[Path, Callable[[], str]] = {
    _DOCS / "schema.graphql": schema.text,
    _DOCS / "schema.staff.graphql": staff.text,
}


def published(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def breaking_changes(path: Path) -> list[str]:
    """Return what the code takes away from clients of the published schema."""
    before = published(path)
    if not before:
        return []
    now = build_schema(SCHEMAS[path]())
    changes = find_breaking_changes(build_schema(before), now)
    return [change.description for change in changes]
