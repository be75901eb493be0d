"""Draw every saga definition into docs/diagrams/."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from checkout.saga.definition import all_definitions
from checkout.saga.drawing import page

FOLDER = settings.BASE_DIR / "docs" / "diagrams"


class Command(BaseCommand):
    help = (
        "Write a page with a Mermaid diagram for every saga definition. With --check "
        "nothing is written; exit code 1 names the pages that are out of date."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        stale = []
        for definition in all_definitions():
            path = FOLDER / f"{definition.name}.md"
            text = page(definition)
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            stale.append(path.name)
            if not options["check"]:
                FOLDER.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        if stale and options["check"]:
            names = ", ".join(stale)
            message = f"out of date: {names} (run: manage.py saga_diagram)"
            raise CommandError(message, returncode=1)
        self.stdout.write(f"Written: {', '.join(stale)}" if stale else "Up to date.")
