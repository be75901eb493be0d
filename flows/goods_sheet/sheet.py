"""Read a sheet of goods: CSV or XLSX as spreadsheets write it, into lines of cells."""

import csv
from dataclasses import dataclass
from io import StringIO

from django.utils.translation import gettext as _

from flows.goods_sheet.errors import SheetRefused
from flows.goods_sheet.workbook import is_workbook, to_csv
from shop.text.typed import clean_line

MOST_LINES = 2000
MOST_BYTES = 1_000_000
# Of a file that is taken over in the background, without a preview.
MOST_IN_BULK = 20_000
MOST_BYTES_IN_BULK = 10_000_000
COLUMNS = (
    "sku",
    "product",
    "category",
    "name_en",
    "name_ja",
    "label_en",
    "label_ja",
    "price",
    "sale_price",
    "sale_from",
    "sale_until",
    "weight_grams",
    "on_sale",
    "free",
    "received",
)
# A spreadsheet of Japan writes Shift JIS, most others UTF-8, with or without a mark.
_CODINGS = ("utf-8-sig", "cp932")


@dataclass(frozen=True)
class Line:
    """One line of the sheet. ``cells`` has the columns that the sheet has, in order."""

    number: int
    cells: dict[str, str]

    def place(self, column: str) -> str:
        """Return the cell as spreadsheets name it: H5."""
        number, letters = list(self.cells).index(column) + 1, ""
        while number:
            number, letter = divmod(number - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.number}"

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def __contains__(self, column: str) -> bool:
        return column in self.cells


def decode(content: bytes, most: int = MOST_BYTES) -> str:
    """Return an uploaded file as CSV. Raises SheetRefused."""
    if len(content) > most:
        text = _("The file is larger than %d MB. Split it.")
        raise SheetRefused(text % (most // 1_000_000))
    if is_workbook(content):
        return to_csv(content)
    for coding in _CODINGS:
        try:
            return content.decode(coding)
        except UnicodeDecodeError:
            continue
    raise SheetRefused(_("This is neither XLSX nor CSV. Save it as one of them."))


def read(text: str, most: int = MOST_LINES) -> list[Line]:
    """Return the lines of a sheet, without empty ones. Raises SheetRefused."""
    try:
        rows = list(csv.reader(StringIO(text, newline="")))
    except csv.Error as error:
        raise SheetRefused(_("This is no CSV file. Save it as CSV.")) from error
    names = [clean_line(name).lower() for name in rows[0]] if rows else []
    if "sku" not in names:
        raise SheetRefused(_("The first line must name the columns, sku among them."))
    unknown = sorted({name for name in names if name} - set(COLUMNS))
    if unknown or len(set(names)) < len(names):
        wrong = ", ".join(unknown) or _("one of them twice")
        raise SheetRefused(_("These columns are not known: %s.") % wrong)
    if len(rows) > most + 1:
        raise SheetRefused(_("At most %d lines at once.") % most)
    return [
        Line(number, _cells(names, row))
        for number, row in enumerate(rows[1:], start=2)
        if any(map(clean_line, row))
    ]


def _cells(names: list[str], row: list[str]) -> dict[str, str]:
    cells = dict.fromkeys(names, "") | dict(zip(names, row, strict=False))
    return {name: _undone(clean_line(cell)) for name, cell in cells.items()}


def _undone(cell: str) -> str:
    """Take away the apostrophe that keeps a text from being a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@") else cell
