"""The corpus: inputs that once reached something new, one in a line of a file.

``inputs.jsonl`` has a line for every target and status that were reached together for
the first time, ``faults.jsonl`` one for every fault that was found. The files are
sorted, so that branches merge.
"""

import random
from collections.abc import Iterable
from pathlib import Path

from tests.fuzz.inputs import Input

FOLDER = Path(__file__).parent / "corpus"
INPUTS, FAULTS = FOLDER / "inputs.jsonl", FOLDER / "faults.jsonl"


def choose(count: int, start: int) -> list[Input]:
    """Return all inputs that found faults, and ``count`` others, chosen by the seed."""
    others = load(INPUTS)
    chance = random.Random(start)  # noqa: S311 (nothing secret)
    some = chance.sample(others, min(count, len(others)))
    return [*load(FAULTS), *some]


def load(file: Path) -> list[Input]:
    if not file.exists():
        return []
    return [Input.read(line) for line in file.read_text().splitlines() if line]


def save(inputs: Iterable[Input], file: Path) -> int:
    """Add inputs to the file. Return how many of them are new."""
    known = {one.line() for one in load(file)}
    new = {one.line() for one in inputs} - known
    file.write_text("".join(f"{line}\n" for line in sorted(known | new)))
    return len(new)
