"""Which functions the work since a commit has changed."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.mutants.workspace import ROOT

_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def changed_functions(since: str, rooms: list[str]) -> set[str]:
    """Return patterns of mutmut for the functions of ``rooms`` changed since a commit.

    The work that is not committed yet counts. A function counts whole.
    """
    return {
        pattern
        for path, lines in changed_lines(since, rooms).items()
        for pattern in _patterns(path, lines)
    }


def changed_lines(since: str, rooms: list[str]) -> dict[Path, set[int]]:
    """Return the numbers of the new lines of every Python file in ``rooms``."""
    command = ["git", "diff", "--unified=0", "--no-color", since, "--", *rooms]
    diff = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    lines: dict[Path, set[int]] = {}
    file: Path | None = None
    for line in diff.stdout.splitlines():
        if line.startswith("+++ "):
            name = line.removeprefix("+++ b/")
            file = Path(name) if name.endswith(".py") else None
        elif file is not None and (hunk := _HUNK.match(line)):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            # Where lines were only removed, the line after them stands for the change.
            lines.setdefault(file, set()).update(range(first, first + max(count, 1)))
    return lines


def _patterns(path: Path, lines: set[int]) -> Iterator[str]:
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    tree = ast.parse((ROOT / path).read_text())
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, _Function) and _touches(method, lines):
                    yield f"{module}.xǁ{node.name}ǁ{method.name}__mutmut_*"
        elif isinstance(node, _Function) and _touches(node, lines):
            yield f"{module}.x_{node.name}__mutmut_*"


def _touches(node: _Function, lines: set[int]) -> bool:
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return any(first <= line <= (node.end_lineno or first) for line in lines)
