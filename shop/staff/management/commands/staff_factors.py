"""``manage.py staff_factors``: list second factors, or remove those of a user."""

import getpass
import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from shop.staff.second_factor import forget, kinds

WRONG = 2


class Command(BaseCommand):
    help = (
        "Lists the second factors of all members of staff. With --forget NAME: "
        "removes those of a user who lost them and who then sets up new ones after "
        "signing in with name and password and a code of `staff_enrol NAME`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forget", metavar="NAME", help="whose factors to remove")
        parser.add_argument("--reason", default="", help="why, for the log")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        name = options["forget"]
        staff = User.objects.filter(is_staff=True).order_by("username")
        if name is not None:
            staff = staff.filter(username=name)
            self._forget(staff.first(), name, options["reason"])
        rows = [
            {"name": user.get_username(), "factors": sorted(kinds(user))}
            for user in staff
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            factors = ", ".join(row["factors"]) or "no second factor"
            self.stdout.write(f"{row['name']}: {factors}")

    def _forget(self, user: User | None, name: str, reason: str) -> None:
        if user is None:
            message = (
                f'There is no member of staff called "{name}". '
                "`staff_factors` without --forget lists all."
            )
            raise CommandError(message, returncode=WRONG)
        if not reason.strip():
            message = 'Give the reason, for the log: --reason "lost the phone"'
            raise CommandError(message, returncode=WRONG)
        removed = forget(user, getpass.getuser(), reason.strip())
        self.stderr.write(
            f"removed from {name}: {', '.join(sorted(removed)) or 'nothing'}"
        )
