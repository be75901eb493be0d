"""No import circle in any room, counting imports under TYPE_CHECKING and in functions.

`make lint` checks the directions with contracts (pyproject.toml). They leave out what
only type checkers import; here everything counts.
"""

import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest
from django.conf import settings

Graph = dict[str, set[str]]


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Every import of the shop, whether it runs or is only for type checkers."""
    rooms = (*settings.ROOMS, "sandboxes")
    return grimp.build_graph(*rooms, exclude_type_checking_imports=False)


def circle(graph: Graph) -> list[str]:
    """Return one circle of the graph, or nothing if it has none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def between(imports: grimp.ImportGraph, groups: dict[str, set[str]]) -> Graph:
    """Return group -> other groups that its modules import. ``groups`` name modules."""
    group_of = {module: name for name, modules in groups.items() for module in modules}
    return {
        name: {
            group_of[imported]
            for module in modules
            for imported in imports.find_modules_directly_imported_by(module)
            if group_of.get(imported, name) != name
        }
        for name, modules in groups.items()
    }


def children(imports: grimp.ImportGraph, package: str) -> dict[str, set[str]]:
    """Return child of the package -> all modules below it, itself included."""
    return {
        child: {child, *imports.find_descendants(child)}
        for child in imports.find_children(package)
    }


def test_the_search_finds_a_circle() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "c", "b", "a"]
    assert circle({"a": {"b"}, "b": set()}) == []


def test_no_modules_import_one_another_in_a_circle(imports: grimp.ImportGraph) -> None:
    modules = {module: {module} for module in imports.modules}

    assert circle(between(imports, modules)) == []


def test_no_children_of_a_package_do(imports: grimp.ImportGraph) -> None:
    found = {
        package: circle(between(imports, children(imports, package)))
        for package in imports.modules
        if imports.find_children(package)
    }

    assert {package: names for package, names in found.items() if names} == {}


def test_no_rooms_do(imports: grimp.ImportGraph) -> None:
    """Shop is left out: it is the wiring above all rooms and the ground below them."""
    rooms = {
        room: {room, *imports.find_descendants(room)}
        for room in settings.ROOMS
        if room != "shop"
    }

    assert circle(between(imports, rooms)) == []


def test_every_list_of_rooms_names_every_room() -> None:
    """A tool leaves out a room that is not in its list in pyproject.toml."""
    tools = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]
    every = {*settings.ROOMS, "sandboxes"}
    contracts = {each["name"]: each for each in tools["importlinter"]["contracts"]}
    stripe = contracts["One room talks to Stripe"]
    lists = {
        "isort": tools["ruff"]["lint"]["isort"]["known-first-party"],
        "import-linter": tools["importlinter"]["root_packages"],
        "coverage": tools["coverage"]["run"]["source"],
        stripe["name"]: [*stripe["source_modules"], "sandboxes"],
        # Sandboxes and tests are copied, not mutated.
        "mutmut": [*tools["mutmut"]["source_paths"], *tools["mutmut"]["also_copy"]],
    }

    missing = {name: every - set(rooms) for name, rooms in lists.items()}

    assert missing == {name: set() for name in lists}
