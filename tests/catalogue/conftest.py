from pathlib import Path

import pytest
from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def media_dir(tmp_path: Path, settings: Settings) -> Path:
    """A folder of its own for the pictures of each test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"
