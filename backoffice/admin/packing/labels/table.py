"""Write the table of a carrier's label program: CSV in cp932, with limits in bytes."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from checkout.shipping.slots import write_slot

ENCODING = "cp932"
# Characters that cp932 has under another code point.
_TWINS = str.maketrans(
    {
        "\u301c": "\uff5e",  # wave dash
        "\u2212": "\uff0d",  # minus
        "\u2014": "\u2015",  # dash
        "\u2013": "-",
        "\u2016": "\u2225",
        "\u00a0": " ",
        "\u00a5": "\uffe5",
        "\t": " ",
        "\r": " ",
        "\n": " ",
    }
)
# A spreadsheet runs a cell that begins with one of these as a formula. Written in full
# width they are only text, and a label shows them just as well.
_FORMULA = "=+-@"
_TO_FULL_WIDTH = 0xFEE0


@dataclass(frozen=True)
class Column:
    """One column: its name, and where its text comes from.

    ``field`` names a text of the label, ``fixed`` is a text for every row. ``limit`` is
    the most bytes in cp932: a full-width character has two. A longer text is an error,
    unless ``may_cut``: a name of goods may be cut, an address never. ``codes``: what
    the program calls the shop's time slots, in a column of them.
    """

    name: str
    field: str = ""
    fixed: str = ""
    limit: int = 0
    may_cut: bool = False
    codes: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Format:
    """The import format of one program."""

    slug: str
    title: str
    columns: Sequence[Column]


@dataclass(frozen=True)
class Problem:
    """Why the label of one order cannot be written. ``line`` counts from 1."""

    line: int
    number: str
    text: str


@dataclass(frozen=True)
class Table:
    """The written lines, and the problems of the lines that were left out."""

    lines: list[list[str]]
    problems: list[Problem]

    def encode(self, columns: Sequence[Column]) -> bytes:
        """Return the file: a line of names, then the labels, ended by CR LF."""
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow([column.name for column in columns])
        writer.writerows(self.lines)
        return text.getvalue().encode(ENCODING)


def make_table(
    wanted: Format, labels: Sequence[tuple[str, Mapping[str, str]]]
) -> Table:
    """Return the table of ``labels``: the order's number and its texts by field.

    ``abroad`` among the texts names the country of one that these programs cannot send.
    """
    table = Table([], [])
    for position, (number, texts) in enumerate(labels, start=1):
        if country := texts.get("abroad"):
            said = gettext("Goes to %(country)s: %(program)s is for Japan only.")
            values = {"country": country, "program": wanted.title}
            table.problems.append(Problem(position, number, said % values))
            continue
        found: list[str] = []
        line = [_cell(column, texts, found) for column in wanted.columns]
        if found:
            table.problems.extend(Problem(position, number, each) for each in found)
        else:
            table.lines.append(line)
    return table


def _cell(column: Column, texts: Mapping[str, str], problems: list[str]) -> str:
    given = texts.get(column.field, "") if column.field else column.fixed
    if column.codes is not None and given:
        if given not in column.codes:
            said = gettext("%(column)s: the program has no slot %(slot)s.")
            problems.append(said % {"column": column.name, "slot": write_slot(given)})
            return ""
        given = column.codes[given]
    text = _defused(given.translate(_TWINS).strip())
    lacking = "".join(dict.fromkeys(char for char in text if not _is_known(char)))
    if lacking:
        said = gettext("%(column)s: the program has no characters %(characters)s.")
        problems.append(said % {"column": column.name, "characters": lacking})
        return ""
    if not column.limit or _size(text) <= column.limit:
        return text
    if column.may_cut:
        return cut(text, column.limit)
    said = gettext("%(column)s: %(size)d bytes, at most %(limit)d fit.")
    values = {"column": column.name, "size": _size(text), "limit": column.limit}
    problems.append(said % values)
    return ""


def cut(text: str, limit: int) -> str:
    """Return the beginning of ``text`` that has no more than ``limit`` bytes."""
    size = 0
    for position, char in enumerate(text):
        size += _size(char)
        if size > limit:
            return text[:position]
    return text


def pieces(text: str, limit: int, most: int) -> list[str]:
    """Split ``text`` into ``most`` pieces of at most ``limit`` bytes.

    The last piece has all that is left, so that a text too long is noticed there.
    """
    text = text.translate(_TWINS)
    found = []
    for _piece in range(most - 1):
        head = cut(text, limit)
        found.append(head)
        text = text[len(head) :]
    return [*found, text]


def _defused(text: str) -> str:
    if text and text[0] in _FORMULA:
        return chr(ord(text[0]) + _TO_FULL_WIDTH) + text[1:]
    return text


def _is_known(char: str) -> bool:
    try:
        char.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _size(text: str) -> int:
    """Return the bytes in cp932; a character that it lacks counts as two."""
    return len(text.encode(ENCODING, "replace")) + sum(
        not _is_known(char) for char in text
    )
