"""Files for spreadsheets: no cell is a formula, and any size is written."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from checkout.accounting import workbook
from checkout.accounting.files import write_csv
from checkout.accounting.workbook import Workbook
from shop.text.spreadsheet import Cell

ODD = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]


def test_csv_begins_with_the_mark_of_utf_8() -> None:
    text = "".join(write_csv(["日"], [[date(2026, 3, 1)]]))

    assert text == "\ufeff日\r\n2026-03-01\r\n"


@pytest.mark.parametrize("text", ODD)
def test_no_text_of_a_csv_is_a_formula(text: str) -> None:
    written = "".join(write_csv(["a"], [[text, Decimal(-5)]]))

    assert written.partition("\r\n")[2].lstrip('"').startswith("'")
    assert written.endswith(",-5\r\n")


def test_csv_is_written_in_parts() -> None:
    asked = 0

    def rows() -> Iterator[list[Cell]]:
        nonlocal asked
        for number in range(1000):
            asked += 1
            yield [number]

    parts = write_csv(["n"], rows())
    next(parts)

    assert asked == 200
    assert len([next(parts), *parts]) == 5


def test_decimals_are_written_as_they_are() -> None:
    written = "".join(write_csv(["a"], [[Decimal("0.10"), Decimal(10) ** 12]]))

    assert written.endswith("0.10,1000000000000\r\n")


def sheets(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as book:
        names = sorted(name for name in book.namelist() if "worksheets/sheet" in name)
        return [book.read(name).decode() for name in names]


@pytest.mark.parametrize("text", [*ODD, "http://example.com", "0123"])
def test_texts_of_a_workbook_stay_texts(tmp_path: Path, text: str) -> None:
    book = Workbook(tmp_path / "a.xlsx")
    book.add_sheet(
        "Entries", ["a", "b", "c"], [[text, Decimal("-5.25"), date(2026, 3, 1)]]
    )
    book.close()

    (sheet,) = sheets(tmp_path / "a.xlsx")

    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert sheet.count('t="inlineStr"') == 4
    assert re.search(r"<v>-5\.25</v>", sheet)


def test_more_rows_than_a_sheet_has_go_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    book = Workbook(tmp_path / "a.xlsx")
    book.add_sheet("Entries", ["n"], [[n] for n in range(5)])
    book.close()

    found = sheets(tmp_path / "a.xlsx")

    assert [sheet.count("<row ") for sheet in found] == [3, 3, 2]
