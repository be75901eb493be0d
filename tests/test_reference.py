"""docs/reference/ says what the code says."""

from argparse import ArgumentParser

import pytest
from django.core.management.base import BaseCommand

from backoffice.cli import exit_codes
from manage import NO_DATABASE
from tests.support import reference

SETTINGS = reference.FOLDER / "settings.md"
COMMANDS = reference.FOLDER / "commands.md"


@pytest.mark.parametrize("name", reference.PAGES)
def test_the_drawn_part_is_what_the_code_says(name: str) -> None:
    page = (reference.FOLDER / name).read_text(encoding="utf-8")

    assert reference.drawn_on(page) == reference.PAGES[name](), "run: make house"


def test_every_setting_has_its_default_its_range_and_its_meaning() -> None:
    drawn = SETTINGS.read_text(encoding="utf-8")

    assert (
        "| `PORT` | `8000` | Port of the shop; the bundled Stripe sandbox takes the "
        "next one. Without it: the port of the last start, else 8000. "
        "Value: a whole number from 1 to 65534. |"
    ) in drawn
    assert "| `TRUSTED_PROXIES` | 1 in PRODUCTION, else 0 | " in drawn
    assert len(list(reference.entries())) > 60


def test_every_argument_of_every_command_is_explained() -> None:
    drawn = reference.commands_list()

    assert "## saga_resume\n" in drawn
    assert "| `--pace N/s` | " in drawn
    assert "--verbosity" not in drawn


def test_an_argument_without_a_meaning_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Mute(BaseCommand):
        help = "Say nothing."

        def add_arguments(self, parser: ArgumentParser) -> None:
            parser.add_argument("--quietly", metavar="HOW")

    monkeypatch.setattr(reference, "commands", lambda: {"mute": Mute()})

    with pytest.raises(ValueError, match="give the argument --quietly HOW a help="):
        reference.commands_list()


def test_every_exit_code_is_explained() -> None:
    codes = {code for name, code in vars(exit_codes).items() if name.isupper()} | {
        0,
        NO_DATABASE,
    }
    page = COMMANDS.read_text(encoding="utf-8")

    assert [code for code in codes if f"\n| {code} | " not in page] == []


def test_redrawing_changes_nothing_but_the_drawn_part() -> None:
    page = f"before\n{reference.BEGIN}old\n{reference.END}after\n"

    renewed = reference.redrawn(page, "new\n")

    assert renewed == f"before\n{reference.BEGIN}new\n{reference.END}after\n"
