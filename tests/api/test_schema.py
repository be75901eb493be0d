"""The published schema is what the code serves."""

import pytest
from django.core.management import CommandError, call_command
from graphql import build_schema

from api import published, schema


def test_the_published_schema_is_that_of_the_code() -> None:
    assert published.breaking_changes() == [], "see manage.py api_schema --help"
    assert published.published() == schema.text(), "run: manage.py api_schema"
    assert build_schema(published.published()).query_type


def test_what_breaks_clients_is_written_only_if_it_is_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = schema.text().replace("totalCount: Int!", "totalCount: Int!\n  was: Int!")
    monkeypatch.setattr(published, "published", lambda: before)

    assert published.breaking_changes() == ["Field ProductConnection.was was removed."]
    with pytest.raises(CommandError, match=r"ProductConnection\.was was removed"):
        call_command("api_schema")
