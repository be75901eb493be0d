"""Tests of the catalogue store pictures."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def pictures_apart(media_dir: Path) -> None:
    """Keep the pictures of each test in a folder of its own."""
