"""``manage.py prepare``: set up the database before the shop starts."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from shop.databases import OtherVersion, refuse_other_version


class Command(BaseCommand):
    help = (
        "Brings the database up to date, makes the groups of staff and, unless "
        "PRODUCTION is set, loads the demo data. Running it again changes nothing. "
        "A database that another version made is refused. "
        "`manage.py up` does it at each start."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            refuse_other_version()
        except OtherVersion as error:
            raise CommandError(str(error)) from error
        # WhiteNoise warns about a missing folder. It stays empty here: the files are
        # served from their sources.
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=1)
        call_command("staff_groups")
        if not settings.PRODUCTION:
            call_command("load_demo")
