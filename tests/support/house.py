"""The rooms and the arrows between them, drawn from the imports: docs/house.md.

``python -m tests.support.house`` rewrites the page's diagram (``make house``).
"""

import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

# Room -> the rooms that it imports.
Arrows = dict[str, set[str]]

PAGE = Path(__file__).parents[2] / "docs" / "house.md"
BEGIN = "<!-- Drawn by `make house` from the imports. -->\n"
END = "<!-- The end of what is drawn. -->\n"

PACKAGES = (
    *("shop", "backoffice", "api", "flows", "checkout", "outgoing"),
    *("saga", "orders", "inventory", "events"),
)
WIRING, CATALOGUE, GROUND = "shop wiring", "shop.catalogue", "ground floor"
PROFILE, PAGES = "shop.profile", "shop.pages"
CUSTOMERS = "shop.customers"
GROUND_ROOMS = (
    "countries",
    "database",
    "database_clock",
    "formatting",
    "forms",
    "logs",
    "money",
    "outbound",
    "page_cache",
    "processes",
    "progress",
    "text",
    "traces",
    "web",
)
# What ties checkout's rooms to Django and Celery; no room of its own.
CHECKOUT_WIRING = "checkout wiring"
CHECKOUT_TIES = (
    "apps",
    "migrations",
    "models",
    "periodic_jobs",
    "tasks",
    "templatetags",
    "urls",
)


def read_imports() -> grimp.ImportGraph:
    """Return every import of the shop, those for type checkers included."""
    return grimp.build_graph(*PACKAGES, exclude_type_checking_imports=False)


def room_of(module: str) -> str:
    """Return the room of a module, such as "saga" or "checkout.cart"."""
    package, _dot, rest = module.partition(".")
    name = rest.partition(".")[0]
    if package == "shop":
        if name in GROUND_ROOMS:
            return GROUND
        rooms = {
            "catalogue": CATALOGUE,
            "customers": CUSTOMERS,
            "pages": PAGES,
            "profile": PROFILE,
        }
        return rooms.get(name, WIRING)
    if package == "checkout":
        tied = not name or name in CHECKOUT_TIES
        return CHECKOUT_WIRING if tied else f"checkout.{name}"
    return package


def arrows_of(imports: grimp.ImportGraph) -> Arrows:
    """Return room -> other rooms that its modules import."""
    arrows: Arrows = {room_of(module): set() for module in sorted(imports.modules)}
    for module in imports.modules:
        room = room_of(module)
        found = imports.find_modules_directly_imported_by(module)
        arrows[room] |= {room_of(imported) for imported in found} - {room}
    return arrows


def without_detours(arrows: Arrows) -> Arrows:
    """Leave out every arrow whose end is also reached through other rooms.

    Raises CycleError if rooms import one another in a circle.
    """
    reached: Arrows = {}
    kept: Arrows = {}
    for room in TopologicalSorter(arrows).static_order():
        further = {far for near in arrows[room] for far in reached[near]}
        kept[room] = arrows[room] - further
        reached[room] = arrows[room] | further
    return kept


def draw(arrows: Arrows) -> str:
    """Return the arrows as a Mermaid flowchart, higher rooms first."""
    order = list(TopologicalSorter(_sorted(arrows)).static_order())[::-1]
    inside = [room for room in order if room.startswith("checkout")]
    outside = [room for room in order if room not in inside]
    lines = [
        "flowchart TD",
        *(f"  {_node(room)}" for room in outside),
        "  subgraph checkout",
        *(f"    {_node(room)}" for room in inside),
        "  end",
        *(f"  {_id(a)} --> {_id(b)}" for a in order for b in sorted(arrows[a])),
    ]
    return "\n".join(lines) + "\n"


def _sorted(arrows: Arrows) -> dict[str, list[str]]:
    return {room: sorted(arrows[room]) for room in sorted(arrows)}


def _node(room: str) -> str:
    return f'{_id(room)}["{room.removeprefix("checkout.")}"]'


def _id(room: str) -> str:
    return room.replace(".", "_").replace(" ", "_")


def diagram(imports: grimp.ImportGraph) -> str:
    """Return the page's diagram of these imports, with its markers."""
    drawn = draw(without_detours(arrows_of(imports)))
    return f"{BEGIN}```mermaid\n{drawn}```\n{END}"


def diagram_on(page: str) -> str:
    """Return the diagram that stands on the page. Raises ValueError without one."""
    start, end = page.index(BEGIN), page.index(END) + len(END)
    return page[start:end]


def main() -> int:
    page = PAGE.read_text(encoding="utf-8")
    renewed = page.replace(diagram_on(page), diagram(read_imports()))
    PAGE.write_text(renewed, encoding="utf-8")
    sys.stdout.write("Up to date.\n" if renewed == page else f"Written: {PAGE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
