"""Pause checkout: no new orders are taken, placed ones continue."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from backoffice.cli.checkout_pause import PauseCommand, PauseRefused
from backoffice.cli.exit_codes import WRONG
from checkout.announcements.errors import CheckoutPaused
from checkout.announcements.models import LONGEST_MESSAGE
from checkout.announcements.services import pause


class Command(PauseCommand):
    help = (
        "Pause checkout: no order can be placed until checkout_resume. Carts are kept, "
        "placed orders continue, and every page of the shop shows the message."
    )
    usual_reason = "paused from the shell"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        for language in ("en", "ja"):
            parser.add_argument(
                f"--message-{language}",
                default="",
                metavar="TEXT",
                help="what customers read (default: we take orders again soon)",
            )

    def act(self, actor: str, reason: str, options: dict[str, Any]) -> None:
        texts = options["message_en"], options["message_ja"]
        if max(map(len, texts)) > LONGEST_MESSAGE:
            message = f"a message is longer than {LONGEST_MESSAGE} letters"
            raise CommandError(message, returncode=WRONG)
        try:
            pause(actor, reason, *texts)
        except CheckoutPaused as error:
            raise PauseRefused(str(error)) from error
