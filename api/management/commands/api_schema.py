from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.published import SCHEMAS, breaking_changes, published


class Command(BaseCommand):
    help = "Write the schemas of the API, of customers and of staff, to docs/."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--breaking",
            action="store_true",
            help="write it although it takes something away from clients",
        )

    def handle(self, *_args: Any, breaking: bool, **_options: Any) -> None:
        broken = [each for path in SCHEMAS for each in breaking_changes(path)]
        if broken and not breaking:
            lines = "\n".join(f"- {each}" for each in broken)
            message = (
                f"Clients of the API would break:\n{lines}\nKeep the old field and "
                "mark it with deprecation_reason. If the break is meant, run this "
                "again with --breaking, and tell the clients in the commit."
            )
            raise CommandError(message)
        for path, text_of in SCHEMAS.items():
            text = text_of()
            state = "Up to date" if text == published(path) else "Written"
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"{state}: {path}")
