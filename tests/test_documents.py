"""Files, commands and variables that the documents name exist."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).parents[1]
CONTRIBUTING, HOUSE = ROOT / "CONTRIBUTING.md", ROOT / "docs" / "house.md"
DOCUMENTS = [
    ROOT / "README.md",
    CONTRIBUTING,
    *sorted((ROOT / "docs").rglob("*.md")),
]
LINK = re.compile(r"""\]\(([^)#\s]+)[^)]*\)|(?:href|src)="([^"#]+)""")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")
MAKE = re.compile(r"(?:^|`)make ([a-z]+)", re.MULTILINE)
PATH = re.compile(r"`([\w.-]+/[\w./-]*)`")
VARIABLE = re.compile(r"^\| (`[A-Z_]+.*?) \|", re.MULTILINE)


def named(document: Path) -> str:
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_to_files(document: Path) -> None:
    found = [match[1] or match[2] for match in LINK.finditer(document.read_text())]
    links = [link for link in found if ":" not in link]

    missing = [link for link in links if not (document.parent / link).exists()]

    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_commands_exist(document: Path) -> None:
    text = document.read_text()
    makefile = (ROOT / "Makefile").read_text()

    assert set(COMMAND.findall(text)) <= set(get_commands())
    unknown = [name for name in MAKE.findall(text) if f"\n{name}:" not in makefile]
    assert unknown == []


@pytest.mark.parametrize("document", [CONTRIBUTING, HOUSE], ids=named)
def test_the_paths_that_it_names_exist(document: Path) -> None:
    paths = PATH.findall(document.read_text())

    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_readme_s_variables_are_those_of_the_example() -> None:
    configuration = (ROOT / "README.md").read_text().partition("## Configuration")[2]
    rows = " ".join(VARIABLE.findall(configuration))
    variables = re.findall(r"`([A-Z_]+)", rows)

    assert variables
    example = (ROOT / ".env.example").read_text()
    assert [name for name in variables if f"# {name}=" not in example] == []


def test_the_readme_s_rooms_exist() -> None:
    house = (ROOT / "README.md").read_text().partition("## The house")[2]
    rooms = re.findall(r"^\| (`[^|]+) \|", house.partition("## ")[0], re.MULTILINE)

    folders = re.findall(r"`([a-z_/]+)/`", " ".join(rooms))

    assert folders
    assert [room for room in folders if not (ROOT / room).is_dir()] == []


def test_the_readme_s_rooms_are_those_of_the_house() -> None:
    rooms = HOUSE.read_text().partition("## The rooms")[2].partition("\n\n")[0]

    rows = rooms.strip().splitlines()
    assert len(rows) > 3
    assert "\n".join(rows) in (ROOT / "README.md").read_text()
