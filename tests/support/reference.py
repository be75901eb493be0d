"""The drawn parts of docs/reference/: the settings and the commands.

``python -m tests.support.reference`` rewrites them (``make house``).
"""

import argparse
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import django
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from shop.configuration.meanings import MEANINGS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "reference"
BEGIN = "<!-- Drawn by `make house`. -->\n"
END = "<!-- The end of what is drawn. -->\n"

_HEADING = re.compile(r"^# --- (.+?) -+$")
_ENTRY = re.compile(r"^# ([A-Z_]+)=(.*)$")
_EXAMPLE = re.compile(r" \(example\)")
_DEFAULT = re.compile(r" \(default: (.+?)\)(?=[.:]|$)")
_ADDRESS = re.compile(r"(https?://[^\s,)]+)")


@dataclass(frozen=True)
class Entry:
    """One setting of .env.example: its section, name, shown value and explanation."""

    section: str
    name: str
    value: str
    text: str


def entries() -> Iterator[Entry]:
    """Yield the settings of .env.example in their order."""
    section = before = ""
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if heading := _HEADING.match(line):
            section = heading[1]
        elif entry := _ENTRY.match(line):
            yield Entry(section, entry[1], entry[2], before)
        before = line.removeprefix("# ")


def settings_tables() -> str:
    """Return a heading and a table for each section of .env.example."""
    lines: list[str] = []
    section = ""
    for entry in entries():
        if entry.section != section:
            section = entry.section
            lines += [
                "",
                f"## {section[0].upper()}{section[1:]}",
                "| setting | default | meaning |",
                "|---|---|---|",
            ]
        lines.append(_row(entry))
    return "\n".join(lines).lstrip("\n") + "\n"


def _row(entry: Entry) -> str:
    default = _DEFAULT.search(entry.text)
    is_example = "(example)" in entry.text
    shown = "none" if is_example else f"`{entry.value}`"
    shown = default[1] if default else shown
    text = _DEFAULT.sub("", _EXAMPLE.sub("", entry.text))
    text += "" if text.endswith((".", ")")) else "."
    cell = f"{text} Value: {MEANINGS[entry.name].wanted}."
    if is_example:
        cell += f" Example: `{entry.value}`"
    return f"| `{entry.name}` | {_cell(shown)} | {_cell(cell)} |"


def commands() -> dict[str, BaseCommand]:
    """Return the commands that the shop's own apps bring."""
    return {
        name: load_command_class(app, name)
        for name, app in sorted(get_commands().items())
        if app.partition(".")[0] in settings.ROOMS
    }


def commands_list() -> str:
    """Return a section for each command with its arguments, as ``--help`` has them."""
    common = {action.dest for action in _arguments(BaseCommand(), "any")}
    parts = []
    for name, command in commands().items():
        lines = [f"## {name}", _prose(command.help)]
        rows = [
            f"| `{_usage(action)}` | {_cell(_help(action))} |"
            for action in _arguments(command, name)
            if action.dest not in common
        ]
        if rows:
            lines += ["", "| argument | meaning |", "|---|---|", *rows]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _arguments(command: BaseCommand, name: str) -> list[argparse.Action]:
    return command.create_parser("manage.py", name)._actions


def _usage(action: argparse.Action) -> str:
    name = ", ".join(action.option_strings)
    if action.nargs == 0:
        return name
    choices = "\\|".join(map(str, action.choices or ()))
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    more = (
        "..."
        if action.nargs in {"+", "*"} or action.__class__.__name__ == ("_AppendAction")
        else ""
    )
    return f"{name} {choices or metavar}{more}".strip()


def _help(action: argparse.Action) -> str:
    """Return what the argument means. Raises ValueError if its command does not say."""
    text = action.help or ""
    if not text:
        message = f"give the argument {_usage(action)} a help= in its command"
        raise ValueError(message)
    return text % {"default": action.default} if "%(default)" in text else text


def _prose(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;")


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|")


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_tables,
    "commands.md": commands_list,
}


def drawn_on(page: str) -> str:
    """Return what stands between the two marks of a page."""
    return page.partition(BEGIN)[2].partition(END)[0]


def redrawn(page: str, drawn: str) -> str:
    """Return the page with its drawn part renewed."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}{drawn}{END}{rest.partition(END)[2]}"


def main() -> None:
    for name, draw in PAGES.items():
        path = FOLDER / name
        page = path.read_text(encoding="utf-8")
        renewed = redrawn(page, draw())
        if renewed != page:
            path.write_text(renewed, encoding="utf-8")
            print(f"Written: {path}")  # noqa: T201


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()
    main()
