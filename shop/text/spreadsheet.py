"""Values as a spreadsheet reads them from a CSV file. No text is a formula."""

from datetime import date
from decimal import Decimal

Cell = str | int | Decimal | date | None
# A spreadsheet runs a cell that begins with one of these as a formula.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell_text(cell: Cell) -> str:
    """Return a cell as text. Numbers may begin with a minus, texts may not."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    # Not as 1E+3.
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)
