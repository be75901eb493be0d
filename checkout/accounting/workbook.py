"""Write tables as a workbook, row by row. No cell is a formula.

Beside ``files``, because the library costs 3 MB that only reports need.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import xlsxwriter

from shop.text.spreadsheet import Cell

# The rows of a sheet, by the format; further ones go to another sheet.
MOST_ROWS = 1_048_576


class Workbook:
    """A workbook that is written to a file on disk, so that it may have any size."""

    def __init__(self, path: Path) -> None:
        # Texts stay texts: what begins with "=" or "http" is neither formula nor link.
        options: dict[str, Any] = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        }
        self._book = xlsxwriter.Workbook(str(path), options)
        self._bold = self._book.add_format({"bold": True})
        self._number = self._book.add_format({"num_format": "#,##0.###"})

    def add_sheet(
        self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]
    ) -> None:
        """Write a sheet, and further ones if it has more rows than one can have."""
        sheet, at, count = self._new(name, columns), 1, 1
        for row in rows:
            if at == MOST_ROWS:
                count += 1
                sheet, at = self._new(f"{name} {count}", columns), 1
            for column, cell in enumerate(row):
                self._write(sheet, at, column, cell)
            at += 1

    def close(self) -> None:
        self._book.close()

    def _new(self, name: str, columns: Sequence[str]) -> Any:
        sheet = self._book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, 16)
        for column, title in enumerate(columns):
            sheet.write_string(0, column, title, self._bold)
        return sheet

    def _write(self, sheet: Any, at: int, column: int, cell: Cell) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, date):
            sheet.write_datetime(at, column, cell)
        elif isinstance(cell, Decimal | int):
            sheet.write_number(at, column, cell, self._number)
        else:
            sheet.write_string(at, column, cell)


def read_and_remove(folder: "TemporaryDirectory[str]", path: Path) -> Iterator[bytes]:
    """Yield a file in parts; remove its folder at the end, also if it is broken off."""
    with folder:
        file: IO[bytes]
        with path.open("rb") as file:
            while part := file.read(65_536):
                yield part
