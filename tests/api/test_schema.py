"""The published schemas are what the code serves."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from graphql import build_schema

from api import published, schema


@pytest.mark.parametrize("path", published.SCHEMAS, ids=lambda path: path.name)
def test_a_published_schema_is_that_of_the_code(path: Path) -> None:
    text = published.published(path)
    assert published.breaking_changes(path) == [], "see manage.py api_schema --help"
    assert text == published.SCHEMAS[path](), "run: manage.py api_schema"
    assert build_schema(text).query_type


def test_what_breaks_clients_is_written_only_if_it_is_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = schema.text().replace("totalCount: Int!", "totalCount: Int!\n  was: Int!")
    customers, *_others = published.SCHEMAS
    known = {customers: before}
    monkeypatch.setattr(
        published, "published", lambda path: known.get(path) or path.read_text()
    )

    gone = published.breaking_changes(customers)
    assert gone == ["Field ProductConnection.was was removed."]
    with pytest.raises(CommandError, match=r"ProductConnection\.was was removed"):
        call_command("api_schema")
