"""Read the answers of the staff's pages: their text, messages and listed orders."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

    Answer = _MonkeyPatchedWSGIResponse
else:
    Answer = Any


def text_of(answer: Answer) -> str:
    """Return the page with every run of spaces and line breaks as one space."""
    return " ".join(answer.content.decode().split())


def messages(answer: Answer) -> list[str]:
    """Return the messages that the page shows to staff."""
    return [str(message) for message in answer.context["messages"]]


def numbers(answer: Answer) -> list[str]:
    """Return the numbers of the orders that a list shows, in order."""
    return [row.number for row in answer.context["cl"].result_list]
