"""Read the first sheet of an XLSX workbook as CSV text, whatever somebody uploads.

A workbook is a ZIP of XML. Before the reader sees it, its parts are unpacked up to a
limit and stored anew, so nothing grows any further; and the addresses of its cells are
read one by one, because the reader makes room for all cells up to the last one.
"""

import csv
import re
import zlib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from typing import Any
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from flows.goods_sheet.errors import SheetRefused

MOST_UNPACKED = 40_000_000  # bytes, of all parts
MOST_PARTS = 200
MOST_ROWS = 20_100
MOST_COLUMNS = 30
# LookupError: XML of an encoding that there is not.
_UNREADABLE = (BadZipFile, expat.ExpatError, LookupError, ValueError)
_BEGIN = b"PK\x03\x04"
_ADDRESS = re.compile(r"([A-Z]{1,3})?([0-9]{1,7})")
_SHEETS = "xl/worksheets/"


class _TooLarge(Exception):
    """The workbook has a cell, or a part, beyond the limits."""


def is_workbook(content: bytes) -> bool:
    """Return whether it begins as a ZIP does."""
    return content.startswith(_BEGIN)


def to_csv(content: bytes) -> str:
    """Return the first sheet as CSV, empty lines included, as numbers count them.

    Raises SheetRefused.
    """
    # Imported here: it costs each process memory, and few ever see a workbook.
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415

    try:
        safe = _stored_anew(content)
        book = CalamineWorkbook.from_filelike(BytesIO(safe))
        sheet = book.get_sheet_by_index(0)
        rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    except _TooLarge as error:
        raise SheetRefused(
            _("The workbook is too large. Save only the sheet of the goods, or as CSV.")
        ) from error
    except (CalamineError, *_UNREADABLE) as error:
        raise SheetRefused(
            _("This workbook cannot be read. Save it as XLSX without a password.")
        ) from error
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(
        [[_written(cell) for cell in row] for row in rows]
    )
    return text.getvalue()


def _stored_anew(content: bytes) -> bytes:
    """Return the same workbook uncompressed. Raises _TooLarge or BadZipFile.

    Only as many bytes of a part are unpacked as it says that it has.
    """
    stored = BytesIO()
    with ZipFile(BytesIO(content)) as packed, ZipFile(stored, "w") as made:
        parts = packed.infolist()
        size = sum(part.file_size for part in parts)
        if len(parts) > MOST_PARTS or size > MOST_UNPACKED:
            raise _TooLarge
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                _copy(packed, part, made)
    return stored.getvalue()


def _copy(packed: ZipFile, part: ZipInfo, made: ZipFile) -> None:
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        # A way of packing that no spreadsheet uses.
        raise BadZipFile(part.filename)
    try:
        data = packed.read(part)
    except (NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        # A password, or damaged data.
        raise BadZipFile(part.filename) from error
    _check_part(data, is_sheet=part.filename.startswith(_SHEETS))
    made.writestr(part.filename, data)


def _check_part(data: bytes, *, is_sheet: bool) -> None:
    """Raise ExpatError for broken XML, and _TooLarge for a definition or a far cell."""
    parser = expat.ParserCreate()
    # Only bombs define entities in a workbook.
    parser.StartDoctypeDeclHandler = _refuse
    if is_sheet:
        parser.StartElementHandler = _cells()
    parser.Parse(data, True)


def _refuse(*_declared: object) -> None:
    raise _TooLarge


def _cells() -> Callable[[str, dict[str, str]], None]:
    """Return a handler of elements that counts rows and cells, and reads addresses."""
    seen = {"row": 0, "c": 0}

    def begin(name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag not in seen:
            return
        seen[tag] += 1
        address = _ADDRESS.fullmatch(attributes.get("r", "1"))
        column, row = address.groups() if address else ("ZZZ", "0")
        is_near = int(row) <= MOST_ROWS and _number(column or "") <= MOST_COLUMNS
        # What has no address stands behind the one before.
        if not is_near or seen["row"] > MOST_ROWS or seen["c"] > MOST_COLUMNS:
            raise _TooLarge
        if tag == "row":
            seen["c"] = 0

    return begin


def _number(letters: str) -> int:
    """Return the number of a column: A is 1, AA is 27; "" is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _written(cell: Any) -> str:
    """Return a cell as the sheet of goods has it in CSV."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:.10f}".rstrip("0").rstrip(".")
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return str(cell)
