"""Write tables as CSV, row by row. No cell is a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from shop.text.spreadsheet import Cell, cell_text

# Spreadsheets read the bytes as UTF-8 only with this mark.
_MARK = "\ufeff"
_ROWS_AT_ONCE = 200


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the file in parts, each of some hundred rows."""
    text = StringIO()
    table = csv.writer(text)
    text.write(_MARK)
    table.writerow([cell_text(name) for name in columns])
    for number, row in enumerate(rows, start=1):
        table.writerow([cell_text(cell) for cell in row])
        if number % _ROWS_AT_ONCE == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: StringIO) -> str:
    part = text.getvalue()
    text.seek(0)
    text.truncate()
    return part
