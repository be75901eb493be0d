"""``manage.py services``: show, stop, start or kill the services of a running shop."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shop.local.control import ACTIONS, CommandRefused, NotRunning, ask


class Command(BaseCommand):
    help = (
        "Shows the services of the running `manage.py up`. `stop NAME` keeps one down "
        "until `start NAME`; `kill NAME` is kill -9 of its whole process group. "
        "`manage.py up` restarts it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "action",
            nargs="?",
            choices=ACTIONS,
            default="status",
            help="what to do; without it the services are listed",
        )
        parser.add_argument(
            "name", nargs="?", default="", help="the service, such as worker"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON document"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        action, name = options["action"], options["name"]
        if action != "status" and not name:
            message = f"say which one: manage.py services {action} NAME"
            raise CommandError(message)
        try:
            answer = ask(settings.PATHS.control_socket, action, name)
        except (NotRunning, CommandRefused) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(answer, indent=2))
            return
        for service in answer["services"]:
            health = "healthy" if service["healthy"] else "not healthy"
            pid = service["pid"] or "-"
            self.stdout.write(
                f"{service['name']:<10} {service['state']:<9} {health:<12} "
                f"pid {pid:<8} restarts {service['restarts']}"
            )
