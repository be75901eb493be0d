"""Fixtures of the catalogue's tests."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def pictures_apart(media_dir: Path) -> None:
    """Store the pictures of each test in its own folder."""
