"""Settings from the environment, with errors that name the variable and the fix."""

import os
import re
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

from django.core.exceptions import ImproperlyConfigured

from shop.configuration.meanings import MEANINGS
from shop.configuration.value_kinds import Kind

# In the class these types' own names are those of its methods.
Text: TypeAlias = str
Texts: TypeAlias = list[str]
Whole: TypeAlias = int
Number: TypeAlias = float
Switch: TypeAlias = bool
Described: TypeAlias = dict[str, Any]
# NAME_FILE names a file with the secret NAME: what a service manager or a container's
# engine hands over is not in the environment, which every child process inherits.
FILE = "_FILE"
# A name in the file that is as similar to a setting's is taken for a typing error.
SIMILAR = 0.85
_ASSIGNMENT = re.compile(r"(?:export )?([A-Za-z_][A-Za-z0-9_]*)=(.*)")


class Environment:
    """Reads the variables that ``shop.configuration.meanings`` has, and only those.

    For a value without a meaning the default is returned, and the complaint kept, so
    that ``refuse_wrong_values`` can name all of them at once.
    """

    def __init__(self, variables: MutableMapping[str, str] | None = None) -> None:
        self.variables = os.environ if variables is None else variables
        self._complaints: list[str] = []

    def read_file(self, var: Text, *, default: Path) -> None:
        """Add the variables of the file ``var`` or, if it exists, of ``default``.

        Variables that are set already take precedence.
        """
        path = Path(self.str(var, default=str(default)))
        if var not in self.variables and not path.exists():
            return
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            self._complaints.append(unreadable(path, error))
            return
        self._complaints += misspelt(path, lines)
        for name, value in assignments(lines):
            self.variables.setdefault(name, value)

    def int(self, var: Text, *, default: Whole) -> Whole:
        number: Whole = self._read(var, default)
        return number

    def float(self, var: Text, *, default: Number) -> Number:
        number: Number = self._read(var, default)
        return number

    def bool(self, var: Text, *, default: Switch) -> Switch:
        switch: Switch = self._read(var, default)
        return switch

    def list(self, var: Text, *, default: Texts) -> Texts:
        texts: Texts = self._read(var, default)
        return texts

    def str(self, var: Text, *, default: Text) -> Text:
        text: Text = self._read(var, default)
        return text

    def database(self, var: Text, *, default: Described) -> Described:
        """Return Django's settings of the database behind a URL."""
        described: Described = self._read(var, default)
        return described

    def mail(self, var: Text, *, default: Text) -> Described:
        """Return Django's mail settings behind a URL."""
        described: Described = self._read(var, MEANINGS[var].read(default))
        return described

    def timeouts(self, var: Text, *, default: Text) -> dict[Text, Whole]:
        """Return role -> milliseconds; 0 is no limit."""
        by_role: dict[Text, Whole] = self._read(var, MEANINGS[var].read(default))
        return by_role

    def headers(self, var: Text, *, default: dict[Text, Text]) -> dict[Text, Text]:
        """Return the name of a header -> its value."""
        named: dict[Text, Text] = self._read(var, default)
        return named

    def refuse_wrong_values(self) -> None:
        """Raise ImproperlyConfigured if a value read so far has no meaning."""
        if self._complaints:
            raise ImproperlyConfigured("\n".join(self._complaints))

    def _read(self, var: Text, default: Any) -> Any:
        meaning = MEANINGS.get(var)
        if meaning is None:
            message = (
                f"{var} has no meaning yet: say in shop/configuration/meanings.py"
                " what it may be"
            )
            raise ImproperlyConfigured(message)
        given = self._given(var, meaning)
        if given is None:
            return default
        try:
            return meaning.read(given.strip())
        except ValueError:
            self._complaints.append(wrong_value(var, given, meaning, default))
            return default

    def _given(self, var: Text, meaning: Kind) -> Text | None:
        """Return the text of a setting: its variable's or, of a secret, its file's."""
        given = self.variables.get(var)
        path = self.variables.get(f"{var}{FILE}") if meaning.secret else None
        if path is None:
            return given
        if given is not None:
            self._complaints.append(
                f"{var} and {var}{FILE} are both set. Remove one of them"
            )
            return given
        try:
            return Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            self._complaints.append(unreadable_secret(var, path, error))
            return None


def secret_files() -> list[str]:
    """Return the variables that name files with secrets."""
    return [f"{name}{FILE}" for name, kind in MEANINGS.items() if kind.secret]


def wrong_value(var: str, given: str, kind: Kind, default: object) -> str:
    """Return the complaint about a value that has no meaning."""
    # These texts are written to logs.
    shown = f"The value of {var}" if kind.secret else f'{var}="{given}"'
    instead = "" if kind.secret else f": {default}"
    return (
        f"{shown} is not {kind.wanted}. Correct it, or remove it from the environment "
        f"(or .env) to get the default{instead}"
    )


def assignments(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each line that sets a variable."""
    for line in lines:
        found = _ASSIGNMENT.fullmatch(line.strip())
        if found is None:
            continue
        name, value = found.groups()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            quote, value = value[0], value[1:-1]
            # In double quotes a backslash stands before what is meant literally.
            value = re.sub(r"\\([^rnt])", r"\1", value) if quote == '"' else value
        yield name, value


def misspelt(path: Path, lines: Sequence[str]) -> list[str]:
    """Return a complaint for each line of the file that would have no effect."""
    found = [
        f"Line {number} of {path} is not NAME=value. Correct it, or begin it with #"
        for number, line in enumerate(lines, start=1)
        if line.strip()
        and not line.lstrip().startswith("#")
        and not _ASSIGNMENT.fullmatch(line.strip())
    ]
    known = [*MEANINGS, *secret_files()]
    for name, _value in assignments(lines):
        similar = get_close_matches(name, known, n=1, cutoff=SIMILAR)
        if similar and name not in known:
            found.append(
                f"{path} sets {name}, which is no setting. Write {similar[0]}, or "
                "remove the line"
            )
    return found


def unreadable(path: Path, error: OSError | UnicodeDecodeError) -> str:
    """Return the complaint about a file of variables that cannot be read."""
    return (
        f"The file of settings {path} cannot be read ({_reason(error)}). Correct it, "
        "or name another one in ENV_FILE"
    )


def unreadable_secret(var: str, path: str, error: OSError | UnicodeDecodeError) -> str:
    """Return the complaint about a file of a secret that cannot be read."""
    return (
        f'{var}{FILE}="{path}" cannot be read ({_reason(error)}). Correct the path, '
        f"let the shop's user read the file, or set {var} itself"
    )


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return "it is not UTF-8" if isinstance(error, ValueError) else str(error.strerror)


def recorded(read: Callable[[], int]) -> int:
    """Return what a file of an earlier start holds. Raises ImproperlyConfigured."""
    try:
        return read()
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(str(error)) from error


def make_folder(folder: Path, var: str) -> None:
    """Make the folder that ``var`` names, if it does not exist, and require access.

    Raises ImproperlyConfigured.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unusable_folder(folder, var, str(error.strerror)) from error
    # SQLite would fail later, with an error that does not name the folder.
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise unusable_folder(folder, var, "it cannot be written to")


def unusable_folder(folder: Path, var: str, reason: str) -> ImproperlyConfigured:
    """Return the error for a folder that cannot be used."""
    return ImproperlyConfigured(
        f'the folder "{folder}" cannot be used ({reason}). '
        f"Name another one with {var}=/path/to/folder"
    )
