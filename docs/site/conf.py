"""How Sphinx builds the documents as a site: `make docs`, docs/adr/0062.

The documents are plain Markdown, as the code host shows it. What Sphinx needs besides,
the order of the pages, is here, and is added to the index pages while they are read.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # tests read the order of the pages without Sphinx
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]

project = "Todoku"
author = "the authors of Todoku"
language = "en"
extensions = ["myst_parser", "sphinxcontrib.mermaid"]

# The source is the whole project, so that links work that leave docs/.
root_doc = "docs/README"
include_patterns = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/*.md",
    "docs/*/*.md",
    "tests/*/README.md",
    "benchmarks/README.md",
    "examples/*/README.md",
]
exclude_patterns = [".*", "var*", "staticfiles", "htmlcov", "docs/pages", "docs/html"]

# An index page -> the pages below it, in their order. "*": all others of its folder.
NAVIGATION = {
    "docs/README": [
        "docs/tutorial/README",
        "docs/how-to/README",
        "docs/reference/README",
        "docs/explanation/README",
        "README",
        "CONTRIBUTING",
        "SECURITY",
    ],
    "docs/tutorial/README": ["*"],
    # Whatever else lies in docs/ is found here.
    "docs/how-to/README": [
        "docs/pages-and-profile",
        "docs/how-to/theme",
        "docs/how-to/language",
        "docs/shipping",
        "docs/promotions",
        "docs/waiting-room",
        "docs/accounts",
        "docs/packing",
        "docs/returns",
        "examples/*/README",
        "docs/*",
        "*",
    ],
    "docs/reference/README": [
        "*",
        "docs/operations/README",
        "docs/operations/monitoring",
        "docs/operations/scale",
        "docs/operations/logs",
        "docs/operations/traces",
        "docs/operations/failover",
        "docs/operations/errors",
        "docs/operations/accounts",
        "docs/events",
        "docs/warehouse",
        "docs/what-pages-say",
        "docs/dashboard-acts",
        "docs/diagrams/checkout",
        "docs/diagrams/cancellation",
        "docs/diagrams/shipping",
        "docs/diagrams/*",
    ],
    "docs/explanation/README": ["*", "docs/house", "docs/pages", "docs/adr/README"],
    "docs/adr/README": ["*"],
    "CONTRIBUTING": ["tests/*/README", "benchmarks/README"],
}
# Index pages that say nothing about the pages below them: the menu is their list.
LISTED = {"docs/adr/README"}

myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]
# A diagram that was drawn has comments around it.
mermaid_output_format = "raw"

html_theme = "furo"
html_title = "Todoku"
html_copy_source = False
html_extra_path = ["extra"]
html_show_copyright = False
pygments_style = "friendly"


def pages_below(index: str) -> list[str]:
    """Return the documents that the index page lists, as Sphinx names them."""
    elsewhere = {page for pages in NAVIGATION.values() for page in pages}
    found: list[str] = []
    for name in NAVIGATION[index]:
        if "*" not in name:
            found.append(name)
            continue
        pattern = f"{Path(index).parent}/*.md" if name == "*" else f"{name}.md"
        pages = (str(path.relative_to(ROOT))[:-3] for path in ROOT.glob(pattern))
        found += sorted({*pages} - elsewhere - {*NAVIGATION})
    return found


def add_navigation(_app: Sphinx, document: str, content: list[str]) -> None:
    """Add the list of the pages below it to an index page, for the site's menu."""
    if document in NAVIGATION:
        # On the code host the folder lists the decisions; the site has no folders.
        shown = ":maxdepth: 1" if document in LISTED else ":hidden:"
        pages = "\n".join(f"/{page}" for page in pages_below(document))
        content[0] += f"\n\n```{{toctree}}\n{shown}\n\n{pages}\n```\n"


def copy_pictures(app: Sphinx, failed: Exception | None) -> None:
    """Copy the photographs: the pages show them with HTML, in a chosen width."""
    if failed is None:
        pictures = Path("docs") / "pictures"
        shutil.copytree(ROOT / pictures, app.outdir / pictures, dirs_exist_ok=True)


def setup(app: Sphinx) -> None:
    app.connect("source-read", add_navigation)
    app.connect("build-finished", copy_pictures)
