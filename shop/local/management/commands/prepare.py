"""``manage.py prepare``: set up the database before the shop starts."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from shop.database.messages import OtherVersion, refuse_other_version
from shop.web.static_files import collect_if_changed


class Command(BaseCommand):
    help = (
        "Collects the static files, brings the database up to date, makes the groups "
        "of staff and, unless DEMO=no or PRODUCTION is set, loads the demo data. "
        "Running it again changes nothing. A database that another version made is "
        "refused. `manage.py up` does it at each start."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            refuse_other_version()
        except OtherVersion as error:
            raise CommandError(str(error)) from error
        collect_if_changed()
        call_command("migrate", interactive=False, verbosity=1)
        call_command("staff_groups")
        if settings.DEMO and not settings.PRODUCTION:
            call_command("load_demo")
