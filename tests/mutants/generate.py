"""Write the mutated code into mutmut's folder, as ``mutmut run`` does at its start.

Run in the copy of the project. Functions that did not change keep their results.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from mutmut import __main__ as mutmut
from mutmut.mutation.trampoline import set_mutant_under_test

from tests.mutants import operators


def main() -> int:
    operators.install()
    set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir(exist_ok=True)
    for half_written in _left_behind():
        half_written.unlink()
    for stale in _mutated_before():
        stale.unlink()
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.setup_source_paths()
    mutmut.create_mutants(2)
    return 0


def _left_behind() -> Iterator[Path]:
    """Yield files that a run was writing when it was stopped: mutmut would keep them.

    It writes the list of the mutants, or saves the outcomes in it, after the code.
    """
    for path in mutmut.walk_source_files():
        code = Path("mutants") / path
        if code.is_file() and mutmut.config().should_mutate(path):
            listed = code.with_name(f"{code.name}.meta")
            if not listed.is_file() or listed.stat().st_mtime < code.stat().st_mtime:
                yield code


def _mutated_before() -> Iterator[Path]:
    """Yield the outcomes of files that are not mutated any more, or are gone."""
    mutated = {
        str(path)
        for path in mutmut.walk_source_files()
        if mutmut.config().should_mutate(path)
    }
    for listed in Path("mutants").rglob("*.meta"):
        source = str(listed.relative_to("mutants")).removesuffix(".meta")
        if source not in mutated:
            yield listed


if __name__ == "__main__":
    sys.exit(main())
