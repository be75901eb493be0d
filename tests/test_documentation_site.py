"""The order of the pages that docs/site/conf.py gives the site, read without Sphinx."""

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "site" / "conf.py"))


def in_menu(site: dict[str, Any], index: str) -> list[str]:
    pages: list[str] = site["pages_below"](index)
    return pages


def test_every_page_stands_in_the_menu_once(site: dict[str, Any]) -> None:
    sources = {
        str(path.relative_to(ROOT).with_suffix(""))
        for pattern in site["include_patterns"]
        for path in ROOT.glob(pattern)
    }

    listed = [page for index in site["NAVIGATION"] for page in in_menu(site, index)]

    assert len(sources) > 60
    assert sorted([*listed, site["root_doc"]]) == sorted(sources)


def test_an_index_page_links_to_the_pages_below_it(site: dict[str, Any]) -> None:
    for kind in ("tutorial", "how-to", "reference", "explanation"):
        index = f"docs/{kind}/README"
        text = (ROOT / f"{index}.md").read_text(encoding="utf-8")

        missing = [
            page
            for page in in_menu(site, index)
            if page.startswith(f"docs/{kind}/") or page in site["NAVIGATION"][index]
            if f"({relative(page, index)})" not in text
        ]

        assert missing == []


def relative(page: str, index: str) -> str:
    """Return the link from an index page to a page."""
    path = Path(f"{page}.md")
    folder = Path(index).parent
    if path.is_relative_to(folder):
        return str(path.relative_to(folder))
    return f"../{path.relative_to(folder.parent)}"
