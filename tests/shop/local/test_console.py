"""The common log: every line starts with the service that wrote it."""

import io

import pytest

from shop.local.console import Console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_are_prefixed_with_aligned_names() -> None:
    log = io.StringIO()
    console = Console(["web", "worker"], log)

    console.line("web", "hello")
    console.say("all is well")
    console.plain("")

    assert log.getvalue() == "web    | hello\nup     | all is well\n\n"


def test_a_terminal_gets_colours_unless_it_asks_for_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = Terminal()
    Console(["web"], coloured).line("web", "hello")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    Console(["web"], plain).line("web", "hello")

    assert coloured.getvalue() == "\x1b[35mweb |\x1b[0m hello\n"
    assert plain.getvalue() == "web | hello\n"


def test_a_closed_output_does_not_end_the_shop() -> None:
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    console = Console(["web"], Gone())

    console.say("first")
    console.say("second")
    console._stream.close()
