"""Draw every saga definition into docs/diagrams/ and record each version's steps."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from saga.definition import Definition, all_definitions
from saga.diagram import outline, page

FOLDER = settings.BASE_DIR / "docs" / "diagrams"


class Command(BaseCommand):
    help = (
        "Write a page with a Mermaid diagram for every saga definition, and the steps "
        "of a new version into versions.json. With --check nothing is written. Exit "
        "code 1: a page is out of date, or steps changed without a new version."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        definitions = all_definitions()
        for definition in definitions:
            _refuse_silent_change(definition)
        wanted = {f"{each.name}.md": page(each) for each in definitions}
        wanted["versions.json"] = _with_present_versions(definitions)
        stale = [name for name, text in wanted.items() if _read(name) != text]
        if stale and options["check"]:
            names = ", ".join(stale)
            message = f"out of date: {names} (run: manage.py saga_diagram)"
            raise CommandError(message, returncode=1)
        for name in stale:
            FOLDER.mkdir(parents=True, exist_ok=True)
            (FOLDER / name).write_text(wanted[name], encoding="utf-8")
        self.stdout.write(f"Written: {', '.join(stale)}" if stale else "Up to date.")


def _refuse_silent_change(definition: Definition) -> None:
    """Raise CommandError if a version has other steps than those recorded for it.

    Stored sagas name their version and step, so these must keep their meaning.
    """
    known = _versions().get(definition.name, {}).get(str(definition.version))
    if known in (None, outline(definition)):
        return
    message = (
        f"the steps of {definition.name} are not those of its version "
        f"{definition.version} any more: raise its version "
        "(docs/diagrams/versions.json says what it was)"
    )
    raise CommandError(message, returncode=1)


def _with_present_versions(definitions: list[Definition]) -> str:
    versions = _versions()
    for each in definitions:
        versions.setdefault(each.name, {})[str(each.version)] = outline(each)
    return json.dumps(versions, indent=2) + "\n"


def _versions() -> dict[str, dict[str, list[str]]]:
    """Return definition's name -> version -> its steps as text."""
    found: dict[str, dict[str, list[str]]] = json.loads(_read("versions.json") or "{}")
    return found


def _read(name: str) -> str:
    path = FOLDER / name
    return path.read_text(encoding="utf-8") if path.exists() else ""
