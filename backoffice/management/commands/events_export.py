"""Write events as lines of JSON."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import WRONG
from backoffice.cli.time_arguments import read_time
from events.export import lines
from events.replay import Period


class Command(BaseCommand):
    help = (
        "Write events as NDJSON, one object a line, oldest first. With --after only "
        "those behind an id, so that the next export goes on where the last one ended."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", type=read_time, metavar="TIME", help="not those before it"
        )
        parser.add_argument(
            "--until", type=read_time, metavar="TIME", help="not those from it on"
        )
        parser.add_argument("--type", default="", metavar="TYPE", help="only this type")
        parser.add_argument(
            "--after", type=int, default=0, metavar="ID", help="only those behind it"
        )
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="a new file; by default standard output",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        found = lines(
            Period(options["since"], options["until"], options["type"]),
            options["after"],
        )
        if options["output"] is None:
            for line in found:
                self.stdout.write(line)
            return
        try:
            file = options["output"].open("x", encoding="utf-8")
        except OSError as error:
            message = f"cannot write to {options['output']}: {error.strerror}"
            raise CommandError(message, returncode=WRONG) from error
        number = 0
        with file:
            for line in found:
                file.write(line + "\n")
                number += 1
            file.flush()
            os.fsync(file.fileno())
        self.stderr.write(f"{number} events written to {options['output']}")
