"""Write the catalogue of event types into docs/."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED
from events.page import schemas, table

FOLDER = settings.BASE_DIR / "docs"
PAGE, SCHEMAS = "events.md", "events.schemas.json"
BEGIN = "<!-- Written by `manage.py event_types`. -->\n"
END = "<!-- The end of what is written. -->\n"

# Type -> version -> schema.
Schemas = dict[str, dict[str, Any]]


class Command(BaseCommand):
    help = (
        "Write the event types into docs/events.md and their schemas into "
        "docs/events.schemas.json. With --check nothing is written. Exit code 1: a "
        "file is out of date, or a type lost a field without a new version."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        known: Schemas = json.loads((FOLDER / SCHEMAS).read_text() or "{}")
        _refuse_broken(known)
        page = (FOLDER / PAGE).read_text(encoding="utf-8")
        before, _begin, rest = page.partition(BEGIN)
        _table, _end, after = rest.partition(END)
        wanted = {
            PAGE: f"{before}{BEGIN}{table()}{END}{after}",
            SCHEMAS: json.dumps(_merged(known), indent=1, sort_keys=True) + "\n",
        }
        stale = [
            name
            for name, text in wanted.items()
            if (FOLDER / name).read_text(encoding="utf-8") != text
        ]
        if stale and options["check"]:
            message = f"out of date: {', '.join(stale)} (run: manage.py event_types)"
            raise CommandError(message, returncode=REFUSED)
        for name in stale:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8")
        self.stdout.write(f"Written: {', '.join(stale)}" if stale else "Up to date.")


def _refuse_broken(known: Schemas) -> None:
    """Raise CommandError if consumers that read a type could not any more."""
    now = schemas()
    for name, versions in known.items():
        if name not in now:
            message = f"{name} is gone: consumers may wait for it. Keep the type"
            raise CommandError(message, returncode=REFUSED)
        for version, schema in now[name].items():
            before = versions.get(version)
            if before is not None and not _still_gives(schema, before):
                message = (
                    f"{name} lost or changed a field of version {version}: raise its "
                    f"version (docs/{SCHEMAS} says what it was)"
                )
                raise CommandError(message, returncode=REFUSED)


def _still_gives(schema: dict[str, Any], before: dict[str, Any]) -> bool:
    """Return whether what ``before`` promised is promised still."""
    same = all(
        schema["properties"].get(name) == field
        for name, field in before["properties"].items()
    )
    return same and set(before["required"]) <= set(schema["required"])


def _merged(known: Schemas) -> Schemas:
    return {
        name: {**known.get(name, {}), **versions}
        for name, versions in schemas().items()
    }
