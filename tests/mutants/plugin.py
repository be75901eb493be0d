"""Gives every run of pytest a database and a folder of its own.

mutmut runs pytest many times, at the same time and in processes that share what the
settings read once.
"""

import os
import tempfile
from pathlib import Path

import pytest
from django.conf import settings


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    folder = Path(tempfile.mkdtemp(prefix="todoku-tests-", dir=settings.DATA_DIR))
    # tests/conftest.py removes this one when the run ends.
    os.environ["TODOKU_TESTS"] = str(folder)
    settings.DATABASES["default"]["TEST"]["NAME"] = str(folder / "test.sqlite3")
