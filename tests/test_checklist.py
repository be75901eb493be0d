"""docs/checklist.md names tests that exist."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PAGE = ROOT / "docs" / "checklist.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
_ROW = re.compile(r"^\| (?!what holds|---)(.+?) \| (.*) \|$", re.MULTILINE)


def names_in(path: Path) -> set[str]:
    """Return the names of the tests that a file has; none: there is no such file."""
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def wrong_in(page: str) -> list[str]:
    """Return the lines without a test, and the tests that there are not."""
    wrong = []
    for line, held_by in _ROW.findall(page):
        named = _NAMED.findall(held_by)
        missing = [
            f"{path}::{name}"
            for path, name in named
            if not (found := names_in(ROOT / path)) or (name and name not in found)
        ]
        wrong += missing if named else [line]
    return wrong


def test_every_line_is_held_by_tests_that_exist() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(_ROW.findall(page)) > 80
    assert wrong_in(page) == []


@pytest.mark.parametrize(
    ("held_by", "wrong"),
    [
        ("nobody", ["A line"]),
        ("`tests/test_gone.py::test_it`", ["tests/test_gone.py::test_it"]),
        ("`tests/test_gone.py`", ["tests/test_gone.py::"]),
        ("`tests/test_checklist.py::test_it`", ["tests/test_checklist.py::test_it"]),
        ("`tests/test_checklist.py`", []),
    ],
)
def test_what_nothing_holds_is_found(held_by: str, wrong: list[str]) -> None:
    assert wrong_in(f"| A line | {held_by} |") == wrong
