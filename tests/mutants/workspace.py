"""A copy of the project in which mutmut changes the code.

mutmut leaves decorated functions alone, so it would never touch a function that is one
transaction. In the copy the decorator becomes the statement that does the same:

    @transaction.atomic         def pay():
    def pay():             ->       with transaction.atomic():
        ...                             ...
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import libcst.matchers as m

ROOT = Path(__file__).parents[2]
WORKSPACE = ROOT / ".mutants"
# mutmut's own folder in the copy: the mutated code, and the results of last time.
RESULTS = WORKSPACE / "mutants"

_ATOMIC = m.Attribute(m.Name("transaction"), m.Name("atomic"))


def refresh() -> None:
    """Bring the copy up to date. Files that did not change keep their results."""
    files = set(_project_files())
    for file in files:
        _write_if_changed(WORKSPACE / file, _content(file))
    for copy in WORKSPACE.rglob("*"):
        is_ours = not copy.is_relative_to(RESULTS)
        if is_ours and copy.is_file() and copy.relative_to(WORKSPACE) not in files:
            copy.unlink()


def unfold_atomic(source: str) -> str:
    """Return the source with ``@transaction.atomic`` turned into a ``with`` inside."""
    return cst.parse_module(source).visit(_UnfoldAtomic()).code


class _UnfoldAtomic(cst.CSTTransformer):
    def leave_FunctionDef(  # noqa: N802, the name is the library's
        self,
        original_node: cst.FunctionDef,  # noqa: ARG002, the signature is the library's
        updated_node: cst.FunctionDef,
    ) -> cst.FunctionDef:
        if len(updated_node.decorators) != 1:
            return updated_node
        transaction = updated_node.decorators[0].decorator
        if not m.matches(transaction, _ATOMIC | m.Call(_ATOMIC)):
            return updated_node
        if not isinstance(transaction, cst.Call):
            transaction = cst.Call(transaction)
        statements = list(updated_node.body.body)
        first = 1 if updated_node.get_docstring() else 0
        body = updated_node.body.with_changes(body=statements[first:])
        block = cst.With([cst.WithItem(transaction)], body)
        return updated_node.with_changes(
            decorators=[],
            lines_after_decorators=[],
            body=updated_node.body.with_changes(body=[*statements[:first], block]),
        )


def _project_files() -> Iterator[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            yield Path(name)


def _content(file: Path) -> bytes:
    content = (ROOT / file).read_bytes()
    if file.suffix == ".py" and b"@transaction.atomic" in content:
        return unfold_atomic(content.decode()).encode()
    return content


def _write_if_changed(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
