"""A THEME_DIR comes before the shop's own pages, styles and words.

The themes are those that the tutorial and the guide tell their readers to write.
"""

import runpy
from pathlib import Path
from typing import Any, cast

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django.fixtures import Settings

from shop.checks.relations import theme_rules
from tests.support.catalogue import make_product
from tests.support.guides import files_of, write_files

ROOT = Path(__file__).parents[2]


THEMES = ["how-to/theme.md", "tutorial/your-shop.md"]


def settings_with(monkeypatch: pytest.MonkeyPatch, theme: Path) -> dict[str, Any]:
    """Return what shop/settings.py says with this THEME_DIR."""
    monkeypatch.setenv("THEME_DIR", str(theme))
    return runpy.run_path(str(ROOT / "shop" / "settings.py"))


def forget_finders() -> None:
    """Have Django read the folders of static files again."""
    cast("Any", finders.get_finder).cache_clear()


@pytest.fixture(params=THEMES)
def themed(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    tmp_path: Path,
) -> dict[str, Any]:
    """The theme of a page is set up. Returns the product's settings with it."""
    read = settings_with(monkeypatch, write_files(request.param, tmp_path))
    settings.TEMPLATES = read["TEMPLATES"]
    settings.STATICFILES_DIRS = read["STATICFILES_DIRS"]
    forget_finders()
    return read


@pytest.fixture(autouse=True)
def other_finders_afterwards() -> Any:
    yield
    forget_finders()


def test_pages_link_to_its_styles_and_show_its_logo(
    themed: dict[str, Any], db: None
) -> None:
    product = make_product()

    page = Client().get(product.get_absolute_url()).content.decode()

    assert '<link rel="stylesheet" href="/static/theme.css">' in page
    assert page.index("components.css") < page.index("theme.css")
    assert '<img class="logo" src="/static/logo.svg" alt="' in page
    assert page.count("<main") == 1


@pytest.mark.parametrize("themed", THEMES[:1], indirect=True)
def test_a_template_may_extend_the_one_that_it_replaces(
    themed: dict[str, Any], db: None
) -> None:
    page = Client().get("/").content.decode()

    assert page.count("Our store in Kobe is open again.") == 1
    assert page.count("<main") == 1


def test_its_files_are_served(themed: dict[str, Any], tmp_path: Path) -> None:
    assert finders.find("theme.css") == str(tmp_path / "my-theme/static/theme.css")
    assert finders.find("shop/css/tokens.css") is not None


def test_its_words_come_first_and_its_static_files_are_collected_apart(
    themed: dict[str, Any], tmp_path: Path
) -> None:
    theme = tmp_path / "my-theme"

    assert themed["LOCALE_PATHS"] == [theme / "locale", ROOT / "locale"]
    assert themed["STATIC_ROOT"] == themed["DATA_DIR"] / "staticfiles"


@pytest.mark.parametrize("guide", THEMES)
def test_the_names_that_it_sets_are_the_shop_s(guide: str) -> None:
    tokens = (ROOT / "shop/static/shop/css/tokens.css").read_text(encoding="utf-8")
    own = files_of(guide)["my-theme/static/theme.css"]
    names = [
        line.split(":")[0] for line in own.splitlines() if line.strip().startswith("--")
    ]

    assert len(names) > 5
    assert [name for name in names if f"{name.strip()}: " not in tokens] == []


def test_without_a_theme_nothing_comes_before_the_shop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("THEME_DIR", raising=False)

    read = runpy.run_path(str(ROOT / "shop" / "settings.py"))

    assert read["TEMPLATES"][0]["DIRS"] == [ROOT / "templates"]
    assert read["STATICFILES_DIRS"] == [ROOT / "shop" / "static"]
    assert read["STATIC_ROOT"] == ROOT / "staticfiles"


def test_a_theme_that_is_no_folder_is_refused(
    settings: Settings, tmp_path: Path
) -> None:
    settings.THEME_DIR, settings.THEME = "thene", [tmp_path / "thene"]
    (rule,) = theme_rules()
    assert rule.broken
    assert rule.complaint.startswith("THEME_DIR=thene is not a folder")

    settings.THEME = [tmp_path]
    (rule,) = theme_rules()
    assert not rule.broken
