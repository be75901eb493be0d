"""Static files have hashed names, are compressed and stay in browsers' caches."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django.fixtures import Settings

from shop import settings as product
from shop.web.static_files import collect_if_changed, require_collected

YEAR = 365 * 24 * 3600


@pytest.fixture
def as_in_production(settings: Settings, tmp_path: Path) -> Path:
    """The settings of the shop, with a folder of its own."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = product.STORAGES
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = False
    return tmp_path / "static"


def test_pages_name_hashed_files_that_last_for_years(
    as_in_production: Path, settings: Settings, db: None
) -> None:
    assert collect_if_changed()
    settings.STORAGES = product.STORAGES  # so that the list of names is read anew
    require_collected()
    page = Client().get("/").content.decode()
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) > 3

    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.", address), address
        for encoding in ("gzip", "br"):
            answer: Any = Client().get(address, headers={"Accept-Encoding": encoding})
            assert answer.status_code == 200, address
            assert "immutable" in answer["Cache-Control"]
            age = re.search(r"max-age=(\d+)", answer["Cache-Control"])
            assert age is not None
            assert int(age[1]) >= YEAR
            if len(b"".join(answer)) > 1000:
                assert answer["Content-Encoding"] == encoding, address


def test_files_are_collected_again_only_when_they_changed(
    as_in_production: Path, settings: Settings, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "a.css").write_text("a { color: red; }")
    settings.STATICFILES_FINDERS = [
        "django.contrib.staticfiles.finders.FileSystemFinder"
    ]
    settings.STATICFILES_DIRS = [own]
    assert collect_if_changed()
    before = names(as_in_production)
    assert not collect_if_changed()

    (own / "a.css").write_text("a { color: blue; }")
    assert collect_if_changed()

    assert set(before) < set(names(as_in_production)), "pages of before find theirs"
    manifest = json.loads((as_in_production / "staticfiles.json").read_text())
    assert manifest["paths"]["a.css"] not in before


def names(root: Path) -> list[str]:
    return [path.name for path in root.glob("*.css")]


def test_a_start_without_collected_files_says_what_to_do(
    as_in_production: Path,
) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"manage\.py collectstatic"):
        require_collected()
