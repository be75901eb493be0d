"""Take orders again after a pause."""

from typing import Any

from backoffice.cli.checkout_pause import PauseCommand, PauseRefused
from checkout.announcements.services import active_announcements, lift


class Command(PauseCommand):
    help = "Resume checkout: orders are taken again at once."
    usual_reason = "resumed from the shell"

    def act(self, actor: str, reason: str, options: dict[str, Any]) -> None:  # noqa: ARG002 (as the base class)
        pause = active_announcements().pause
        if pause is None or not lift(pause, actor, reason):
            message = "checkout is not paused"
            raise PauseRefused(message)
