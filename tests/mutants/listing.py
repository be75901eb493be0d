"""Print the mutants that no test noticed: ``python -m tests.mutants.listing``.

Run in the copy of the project; patterns of mutants may follow. One line of JSON for
each: its name and its diff.
"""

import json
import sys
from fnmatch import fnmatch
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant

from tests.mutants.outcomes import UNNOTICED, Outcomes


def main(patterns: list[str]) -> int:
    outcomes = Outcomes(Path.cwd() / "mutants")
    for mutant, path, outcome in outcomes:
        chosen = not patterns or any(fnmatch(mutant, each) for each in patterns)
        if chosen and outcome in UNNOTICED:
            diff = get_diff_for_mutant(mutant, path=path)
            sys.stdout.write(f"{json.dumps([mutant, diff])}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
