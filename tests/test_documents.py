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
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("tests/*/README.md")),
    ROOT / "benchmarks" / "README.md",
]
LINK = re.compile(r"""\]\(([^)#\s]+)[^)]*\)|(?:href|src)="([^"#]+)""")
ANCHORED = re.compile(r"\]\(([^):\s]*)#([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"manage\.py ([a-z_]+)")
MAKE = re.compile(r"(?:^|`)make ([a-z]+)", re.MULTILINE)
PATH = re.compile(r"`([\w.-]+/[\w./-]*)`")
VARIABLE = re.compile(r"^\| (`[A-Z_]+.*?) \|", re.MULTILINE)


def named(document: Path) -> str:
    return str(document.relative_to(ROOT))


def prose(document: Path) -> str:
    """Return the text without its blocks of code."""
    return CODE.sub("", document.read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_to_files(document: Path) -> None:
    text = prose(document)
    found = [match[1] or match[2] for match in LINK.finditer(text)]
    links = [link for link in found if ":" not in link]

    missing = [link for link in links if not (document.parent / link).exists()]

    assert missing == []


def anchors(document: Path) -> list[str]:
    """Return the anchors of the headings, as the code host and the site name them."""
    text = prose(document)
    titles = [
        re.sub(r"\[(.+?)\]\(.*?\)", r"\1", title) for title in HEADING.findall(text)
    ]
    return [
        re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")
        for title in titles
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_anchors_lead_to_headings(document: Path) -> None:
    links = ANCHORED.findall(prose(document))

    missing = [
        f"{path}#{anchor}"
        for path, anchor in links
        if anchor not in anchors(document.parent / path if path else document)
    ]

    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_page_has_one_title_and_no_heading_twice(document: Path) -> None:
    """A menu needs the title; of two equal headings a link reaches the first only."""
    text = prose(document)

    assert text.startswith("# ")
    assert len(re.findall("^# ", text, re.MULTILINE)) == 1
    assert len(set(anchors(document))) == len(anchors(document))


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
