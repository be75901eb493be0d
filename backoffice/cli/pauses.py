"""What the commands that pause and resume checkout share: act, then say how it is."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.cli.actions import LONGEST_REASON, REFUSED, WRONG
from backoffice.cli.sagas import print_json
from checkout.announcements.services import active_announcements


class PauseCommand(BaseCommand):
    """``usual_reason`` stands where nobody gave one."""

    usual_reason: str

    def act(self, actor: str, reason: str, options: dict[str, Any]) -> str:
        """Do it; return why it was refused, empty when done."""
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", default="", help="why, for your colleagues")
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        reason = options["reason"] or self.usual_reason
        if len(reason) > LONGEST_REASON:
            message = f"the reason is longer than {LONGEST_REASON} letters"
            raise CommandError(message, returncode=WRONG)
        refusal = self.act(getpass.getuser(), reason, options)
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
    """Describe the pause for scripts; without one there is only ``paused``."""
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
