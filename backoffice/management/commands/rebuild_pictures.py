"""Re-encode pictures from before uploads were, and remove files of no use."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backoffice.cli.exit_codes import REFUSED
from backoffice.cli.options import add_dry_run_option, add_json_option
from backoffice.cli.output import print_json
from checkout.placement.pictures import kept_pictures
from orders.models import OrderLine
from shop.catalogue import rebuild, unused_pictures
from shop.catalogue.models import Picture


class Command(BaseCommand):
    help = (
        "Make WebP files in three widths of pictures that have none yet, and remove "
        "files that neither goods nor orders show. Safe to repeat. Exit code 1: a "
        "picture cannot be shown, and is named."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_dry_run_option(parser)
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        dry_run: bool = options["dry_run"]
        rebuilt, refused = _rebuild_all(dry_run=dry_run)
        unused = list(unused_pictures.unused(kept_pictures()))
        for path in [] if dry_run else unused:
            unused_pictures.discard(path)
        removed = [path.name for path in unused]
        document = {"rebuilt": rebuilt, "refused": refused, "removed": removed}
        if options["json"]:
            print_json(self.stdout, document)
        else:
            self._say(rebuilt, refused, removed, dry_run=dry_run)
        if refused:
            message = (
                f"{len(refused)} pictures cannot be shown: upload them again as JPEG, "
                "PNG or WebP"
            )
            raise CommandError(message, returncode=REFUSED)

    def _say(
        self,
        rebuilt: list[str],
        refused: list[dict[str, str]],
        removed: list[str],
        *,
        dry_run: bool,
    ) -> None:
        for row in refused:
            self.stdout.write(f"{row['product']}: {row['picture']}: {row['reason']}")
        would = "Would be rebuilt" if dry_run else "Rebuilt"
        self.stdout.write(
            f"{would}: {len(rebuilt)} pictures. Files of no use: {len(removed)}"
            + ("." if dry_run else ", removed.")
        )


def _rebuild_all(*, dry_run: bool) -> tuple[list[str], list[dict[str, str]]]:
    """Return the names of rebuilt pictures, and those that cannot be shown, and why."""
    rebuilt, refused = [], []
    for picture in Picture.objects.select_related("product").order_by("pk"):
        name = str(picture.file.name)
        try:
            rebuild.check_files(picture)
            if picture.renditions:
                continue
            if dry_run or _rebuild(picture):
                rebuilt.append(name)
        except rebuild.NotRebuilt as refusal:
            refused.append(
                {
                    "product": picture.product.slug,
                    "picture": name,
                    "reason": refusal.reason,
                }
            )
    return rebuilt, refused


@transaction.atomic
def _rebuild(picture: Picture) -> bool:
    """Rebuild a picture, also where orders show it. Raises NotRebuilt."""
    before = picture.file.url
    if not rebuild.rebuild(picture):
        return False
    thumbnail = picture.shown.thumbnail
    OrderLine.objects.filter(picture=before).update(picture=thumbnail)
    return True
