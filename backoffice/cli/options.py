"""Options that several commands take, with the same help texts and checks."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from backoffice.cli.exit_codes import WRONG

LONGEST_REASON = 300


def add_json_option(parser: ArgumentParser) -> None:
    """Add ``--json``: standard output is one JSON document and nothing else."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def add_dry_run_option(parser: ArgumentParser) -> None:
    """Add ``--dry-run``: print what would happen, change nothing."""
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would happen, change nothing",
    )


def check_reason(reason: str) -> None:
    """Raise CommandError if the reason is too long to be kept."""
    if len(reason) > LONGEST_REASON:
        message = f"the reason is longer than {LONGEST_REASON} letters"
        raise CommandError(message, returncode=WRONG)
