"""``manage.py up``: run the whole shop on this machine."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop.local.broker import NoBrokerProgram
from shop.local.locks import AlreadyRunning, PortOutOfRange, PortTaken
from shop.local.paths import UnsafeSocketFolder
from shop.local.runner import StartFailed
from shop.local.stack import read_plan, run

REFUSALS = (
    AlreadyRunning,
    NoBrokerProgram,
    PortOutOfRange,
    PortTaken,
    StartFailed,
    UnsafeSocketFolder,
)


class Command(BaseCommand):
    help = (
        "Runs the whole shop on this machine: broker, Stripe sandbox, web, worker and "
        "sweeper, until Ctrl-C. PORT, DATA_DIR and WORKERS are read from the "
        "environment."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            run(read_plan())
        except REFUSALS as error:
            raise CommandError(str(error)) from error
