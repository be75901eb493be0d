"""The schema that clients rely on: docs/schema.graphql."""

from pathlib import Path

from django.conf import settings
from graphql import build_schema
from graphql.utilities import find_breaking_changes

from api import schema

PATH = Path(settings.BASE_DIR) / "docs" / "schema.graphql"


def published() -> str:
    return PATH.read_text(encoding="utf-8") if PATH.exists() else ""


def breaking_changes() -> list[str]:
    """Return what the code takes away from clients of the published schema."""
    before = published()
    if not before:
        return []
    changes = find_breaking_changes(build_schema(before), build_schema(schema.text()))
    return [change.description for change in changes]
