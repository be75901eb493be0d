"""The functions of which every mutant was noticed, or its survival explained.

The list is kept in git, so that the next machine goes on where this one stopped. When
a function changes, so does its digest, and its mutants run again. What the list cannot
see is a test that was weakened: ``make mutants AGAIN=1`` runs all of them.
"""

from collections.abc import Mapping
from pathlib import Path

_FILE = Path(__file__).with_name("judged.txt")


def judged(file: Path = _FILE) -> dict[str, str]:
    """Return function, as mutmut names it -> digest of its code."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return dict(line.split() for line in lines)


def remember(outcomes: Mapping[str, tuple[str, bool]], file: Path = _FILE) -> None:
    """Write down what became of these functions: digest, and whether all is well.

    Functions that are not named stay as they were written down before.
    """
    known = judged(file)
    for function, (digest, is_well) in outcomes.items():
        if is_well:
            known[function] = digest
        elif known.get(function) == digest:
            del known[function]
    lines = [f"{function} {digest}\n" for function, digest in sorted(known.items())]
    file.write_text("".join(lines), encoding="utf-8")
