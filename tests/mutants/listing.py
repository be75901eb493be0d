"""Print what became of the mutants: ``python -m tests.mutants.listing``.

Run in the copy of the project; patterns of mutants may follow. One line of JSON for
each mutant: its name, the digest of its function, whether it ran, and its diff if no
test noticed it.
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
        if patterns and not any(fnmatch(mutant, each) for each in patterns):
            continue
        is_unnoticed = outcome in UNNOTICED
        diff = get_diff_for_mutant(mutant, path=path) if is_unnoticed else ""
        line = [mutant, outcomes.digest(mutant), outcome is not None, diff]
        sys.stdout.write(f"{json.dumps(line)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
