"""Which mutants tell most: those that tests are least likely to notice."""

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_WORD = re.compile(r"\w+|[^\w\s]")


class Kinds:
    """Tells the kinds of mutants, by the code that mutmut wrote into ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._functions = cache(self._read)

    def is_obvious(self, mutant: str, path: str) -> bool:
        """Return whether almost any test that gets there fails.

        None in the place of a value, and XX around a string, break what follows. A
        condition that is turned round, a number one too high, or a keyword that is left
        out often do not.
        """
        changed = mutant.rpartition(".")[2]
        original = f"{changed.rpartition('__mutmut_')[0]}__mutmut_orig"
        functions = self._functions(path)
        return breaks_what_follows(functions[original], functions[changed])

    def _read(self, path: str) -> dict[str, str]:
        """Return name -> code of the functions that mutmut wrote into one file."""
        lines = (self._folder / path).read_text().splitlines()
        spans = json.loads((self._folder / f"{path}.spans").read_text())["spans"]
        return {
            name: "\n".join(lines[first - 1 : last])
            for name, (first, last) in spans.items()
        }


def breaks_what_follows(before: str, after: str) -> bool:
    """Return whether the change puts None, or a string of nonsense, into the code."""
    words, changed = _words(before), _words(after)
    if changed.count("None") > words.count("None"):
        return True
    return sum(map(_is_nonsense, changed)) > sum(map(_is_nonsense, words))


def _words(code: str) -> Sequence[str]:
    return _WORD.findall(code)


def _is_nonsense(word: str) -> bool:
    return word.startswith("XX") or word.endswith("XX")
