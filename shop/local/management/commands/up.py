"""``manage.py up``: run the whole shop on this machine."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from shop.local.stack import SUPERVISE


class Command(BaseCommand):
    help = (
        "Runs the whole shop on this machine: broker, Stripe sandbox, web, worker and "
        "sweeper, until Ctrl-C. PORT, DATA_DIR, WORKERS and WAREHOUSE are read from "
        "the environment."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Become the supervisor, once Django's checks have passed.

        It is another program in the same process, because it needs nothing of the
        application, which takes 60 MB.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        manage = str(settings.BASE_DIR / "manage.py")
        os.execv(sys.executable, [sys.executable, manage, *SUPERVISE])  # noqa: S606
