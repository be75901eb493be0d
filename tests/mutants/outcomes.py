"""What became of each mutant, in mutmut's files next to the mutated code."""

from collections import Counter
from collections.abc import Iterator
from enum import IntEnum
from fnmatch import fnmatch
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData

from tests.mutants.judged import judged
from tests.mutants.kinds import Kinds


class Outcome(IntEnum):
    """Outcomes of mutants, as mutmut stores them: the exit codes of its children.

    UNDECIDED is ours: none of the cheapest tests noticed it; the others did not run.
    """

    SURVIVED = 0
    KILLED = 1
    NO_TESTS = 33
    TIMEOUT = 36
    UNDECIDED = 50


# Where no test even calls the function, none notices either.
UNNOTICED = (Outcome.SURVIVED, Outcome.UNDECIDED, Outcome.NO_TESTS)
NOTICED = (Outcome.KILLED, Outcome.TIMEOUT)


def function_of(mutant: str) -> str:
    """Return the function's name, as mutmut writes it."""
    return mutant.rpartition("__mutmut_")[0]


class Outcomes:
    """The mutants in ``folder`` and their outcomes. ``save`` writes them."""

    def __init__(self, folder: Path) -> None:
        self.new: Counter[Outcome] = Counter()
        self._kinds = Kinds(folder)
        self._unsaved: dict[int, SourceFileMutationData] = {}
        self._files: dict[str, SourceFileMutationData] = {}
        for meta in sorted(folder.rglob("*.meta")):
            path = str(meta.relative_to(folder)).removesuffix(".meta")
            data = SourceFileMutationData(path=path)
            # mutmut itself runs in the folder above.
            data.meta_path = meta
            data.load()
            self._files |= dict.fromkeys(data.exit_code_by_key, data)

    def to_run(
        self, patterns: list[str], *, only_new: bool, again: bool = False
    ) -> list[str]:
        """Return the mutants of these patterns that no test is known to notice.

        Those of functions judged before are left out, on whichever machine it was,
        unless they shall run ``again``.

        Those that never ran come first; ``only_new`` leaves out the others. Among them
        those come last that almost any test notices, and otherwise those of the first
        pattern come first.
        """
        chosen: dict[str, None] = {}
        for pattern in patterns or ["*"]:
            chosen |= {name: None for name in self._files if fnmatch(name, pattern)}
        done = NOTICED if not only_new else (*NOTICED, *UNNOTICED)
        known = {} if again else judged()
        left = [
            name
            for name in chosen
            if self._outcome(name) not in done
            and known.get(function_of(name)) != self.digest(name)
        ]
        return sorted(left, key=lambda name: (self._ran(name), self._is_obvious(name)))

    def __iter__(self) -> Iterator[tuple[str, str, int | None]]:
        """Yield each mutant, the file of its function, and its outcome."""
        for mutant, data in self._files.items():
            yield mutant, str(data.path), data.exit_code_by_key[mutant]

    def digest(self, mutant: str) -> str:
        """Return the digest of the code of its function."""
        name = function_of(mutant).rpartition(".")[2]
        digests: dict[str, str] = self._files[mutant].hash_by_function_name
        return digests[name]

    def _outcome(self, mutant: str) -> int | None:
        outcome: int | None = self._files[mutant].exit_code_by_key[mutant]
        return outcome

    def _is_obvious(self, mutant: str) -> bool:
        return self._kinds.is_obvious(mutant, str(self._files[mutant].path))

    def _ran(self, mutant: str) -> bool:
        return self._outcome(mutant) is not None

    def add(self, mutant: str, outcome: Outcome) -> None:
        data = self._files[mutant]
        data.exit_code_by_key[mutant] = int(outcome)
        self._unsaved[id(data)] = data
        self.new[outcome] += 1

    def save(self) -> None:
        # Those only: another run may be at other files.
        for data in self._unsaved.values():
            data.save()
        self._unsaved.clear()

    def __str__(self) -> str:
        names = {each: each.name.lower().replace("_", " ") for each in Outcome}
        return ", ".join(f"{self.new[each]} {name}" for each, name in names.items())
