"""docs/house.md shows the rooms as the imports are."""

import copy
from collections.abc import Iterator
from graphlib import CycleError
from pathlib import Path

import grimp
import pytest
from django.conf import settings

from tests.support import house

ROOT = Path(settings.BASE_DIR)
# Beside the rooms.
OTHERS = ("sandboxes", "benchmarks")
LONGEST = 300
# They are to be split as well. A name that is no longer true must go.
TOO_LONG = {"shop/settings.py"}
DETOUR = {"top": {"middle", "ground"}, "middle": {"ground"}, "ground": set[str]()}


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return house.read_imports()


def test_the_page_s_diagram_is_what_the_imports_say(imports: grimp.ImportGraph) -> None:
    page = house.PAGE.read_text(encoding="utf-8")

    assert house.diagram_on(page) == house.diagram(imports), "run: make house"


@pytest.mark.parametrize(
    ("module", "room"),
    [
        ("shop", "shop wiring"),
        ("shop.local.stack", "shop wiring"),
        ("shop.catalogue.models", "shop.catalogue"),
        ("shop.money", "ground floor"),
        ("checkout.cart.views", "checkout.cart"),
        ("checkout.urls", "checkout wiring"),
        ("saga.operations.start", "saga"),
    ],
)
def test_every_module_has_a_room(module: str, room: str) -> None:
    assert house.room_of(module) == room


def test_an_arrow_that_a_longer_way_shows_is_left_out() -> None:
    assert house.without_detours(DETOUR) == {
        "top": {"middle"},
        "middle": {"ground"},
        "ground": set(),
    }


def test_rooms_that_import_one_another_are_not_drawn() -> None:
    with pytest.raises(CycleError):
        house.without_detours({"saga": {"orders"}, "orders": {"saga"}})


def modules() -> Iterator[Path]:
    """Yield the modules that people write, except tests."""
    for name in (*settings.ROOMS, *OTHERS):
        for path in (ROOT / name).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path
    yield from ROOT.glob("*.py")


def test_no_module_is_longer_than_its_reader_can_hold_in_mind() -> None:
    """Split one that is by sense: take out what has a name of its own."""
    lines = {
        str(path.relative_to(ROOT)): path.read_bytes().count(b"\n")
        for path in modules()
    }
    assert len(lines) > 300, "they are not found any more"
    assert {name for name, count in lines.items() if count > LONGEST} == TOO_LONG


def test_one_more_import_changes_the_diagram(imports: grimp.ImportGraph) -> None:
    changed = copy.deepcopy(imports)
    changed.add_import(importer="inventory.models", imported="orders.models")

    assert "inventory --> orders" not in house.diagram(imports)
    assert "inventory --> orders" in house.diagram(changed)


def test_make_house_renews_the_diagram_and_nothing_else(
    imports: grimp.ImportGraph,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = house.PAGE.read_text(encoding="utf-8")
    stale = tmp_path / "house.md"
    stale.write_text(page.replace("  saga --> ground_floor\n", ""), encoding="utf-8")
    monkeypatch.setattr(house, "PAGE", stale)
    monkeypatch.setattr(house, "read_imports", lambda: imports)

    house.main()
    house.main()

    assert stale.read_text(encoding="utf-8") == page
    assert capsys.readouterr().out == f"Written: {stale}\nUp to date.\n"
