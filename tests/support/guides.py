"""The files that a guide tells its reader to write."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_FILE = re.compile(r"^`([\w./-]+)`:\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files_of(guide: str) -> dict[str, str]:
    """Return path -> text of each code block that a line with its path precedes."""
    return dict(_FILE.findall((DOCS / guide).read_text(encoding="utf-8")))


def write_files(guide: str, folder: Path) -> Path:
    """Write the guide's files below ``folder``. Return the topmost folder of them."""
    files = files_of(guide)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (top,) = {Path(name).parts[0] for name in files}
    return folder / top
