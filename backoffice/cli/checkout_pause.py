"""Base class of the commands that pause and resume checkout."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.exit_codes import REFUSED
from backoffice.cli.options import add_json_option, check_reason
from backoffice.cli.output import print_json
from checkout.announcements.services import active_announcements


class PauseRefused(Exception):
    """Checkout is in the wanted state already; the message says so."""


class PauseCommand(BaseCommand):
    """Acts, then prints whether checkout is paused.

    ``usual_reason`` is recorded where no ``--reason`` is given.
    """

    usual_reason: str

    def act(self, actor: str, reason: str, options: dict[str, Any]) -> None:
        """Pause or resume checkout. Raises PauseRefused."""
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", default="", help="why, for your colleagues")
        add_json_option(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        reason = options["reason"] or self.usual_reason
        check_reason(reason)
        refusal = ""
        try:
            self.act(getpass.getuser(), reason, options)
        except PauseRefused as error:
            refusal = str(error)
        now = _state() | {"outcome": "refused" if refusal else "done"}
        if options["json"]:
            print_json(self.stdout, now | {"refusal": refusal})
        elif not refusal:
            state = "paused" if now["paused"] else "open"
            self.stdout.write(f"Checkout is {state}.")
        if refusal:
            message = f"Refused: {refusal}"
            raise CommandError(message, returncode=REFUSED)


def _state() -> dict[str, Any]:
    """Return the pause for scripts; if there is none, only ``paused``."""
    pause = active_announcements().pause
    if pause is None:
        return {"paused": False}
    return {
        "paused": True,
        "since": pause.set_at.isoformat(),
        "by": pause.set_by,
        "reason": pause.reason,
        "message_en": pause.message_en,
        "message_ja": pause.message_ja,
    }
