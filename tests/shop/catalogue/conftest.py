"""Fixtures of the catalogue's tests."""

import time
from pathlib import Path

import pytest
from django.db import connection

LONGEST_TEST = 2.0  # seconds


@pytest.fixture(autouse=True)
def pictures_apart(media_dir: Path) -> None:
    """Store the pictures of each test in its own folder."""


@pytest.fixture(autouse=True)
def early_in_the_minute() -> None:
    """Let no minute begin within a test: kept pages are made anew in each.

    SQLite's tests stop the clock where that matters; PostgreSQL has its own.
    """
    left = 60 - time.time() % 60
    if connection.vendor == "postgresql" and left < LONGEST_TEST:
        time.sleep(left)
