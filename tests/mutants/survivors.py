"""Mutants that no test caught, and those among them that are explained."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

_EXPLAINED = Path(__file__).with_name("explained.toml")
_NAME = re.compile(
    r"^(?P<module>[\w.]+)\.x(?:_|ǁ(?P<owner>\w+)ǁ)(?P<name>\w+)__mutmut_\d+$"
)


@dataclass(frozen=True)
class Survivor:
    """A change of a function that no test noticed."""

    function: str
    change: str

    def __str__(self) -> str:
        return f"{self.function}\n{self.change}"


def survivor(mutant: str, diff: str) -> Survivor:
    """Read a survivor from mutmut's name of it and mutmut's diff.

    The name's number changes with the function; the change itself does not.
    """
    name = _NAME.match(mutant)
    if name is None:
        message = f"not a mutant's name: {mutant}"
        raise ValueError(message)
    parts = [name["module"], name["owner"], name["name"]]
    changed = [
        f"{line[0]} {line[1:].strip()}"
        for line in diff.splitlines()
        if line.startswith(("-", "+")) and not line.startswith(("---", "+++"))
    ]
    return Survivor(".".join(part for part in parts if part), "\n".join(changed))


def explained() -> dict[Survivor, str]:
    """Return the survivors that may live, and why."""
    entries = tomllib.loads(_EXPLAINED.read_text())["survivor"]
    return {
        Survivor(entry["function"], entry["change"].strip()): entry["why"]
        for entry in entries
    }
