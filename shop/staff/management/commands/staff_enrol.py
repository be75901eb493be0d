"""``manage.py staff_enrol``: give a person the code for their first second factor."""

import getpass
import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from shop.staff.enrolment import LASTS, give_code
from shop.staff.second_factor import has_one

WRONG = 2


class Command(BaseCommand):
    help = (
        "Prints a code with which a member of staff who has no second factor sets one "
        "up. It works once, for 72 hours; a new code replaces the one before. Hand it "
        "over in person or by telephone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name with which the person signs in")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        name = options["name"]
        user = User.objects.filter(username=name, is_staff=True, is_active=True).first()
        if user is None:
            message = f'There is no member of staff called "{name}".'
            raise CommandError(message, returncode=WRONG)
        if has_one(user):
            message = (
                f"{name} has a second factor already. If it is lost, remove it: "
                f'`staff_factors --forget {name} --reason "..."`'
            )
            raise CommandError(message, returncode=WRONG)
        code = give_code(user, getpass.getuser())
        hours = int(LASTS.total_seconds() // 3600)
        if options["json"]:
            self.stdout.write(json.dumps({"name": name, "code": code, "hours": hours}))
            return
        self.stdout.write(f"Code for {name}, valid once within {hours} hours: {code}")
