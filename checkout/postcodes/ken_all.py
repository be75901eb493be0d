"""Read Japan Post's file of postcodes (KEN_ALL), in either of its two forms.

The old form is in Shift_JIS and spreads long names of towns over several lines, the
new one (utf_ken_all) is in UTF-8 and does not:
https://www.post.japanpost.jp/service/search/zipcode/download/readme.html
"""
# ruff: noqa: RUF001 (the words and brackets of the file)

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from checkout.postcodes.areas import Area, NotReadable, prefecture_of
from shop.text.typed import fold

_COLUMNS = 15
_CODE = re.compile("[0-9]{7}")
# Remarks in place of a name.
_NO_TOWN = re.compile("以下に掲載がない場合|の次に.*番地がくる場合|.+一円$")
_REMARK = re.compile("（.*?(）|$)")
# Lots that are numbered through the town: the customer writes the own one.
_LOTS = re.compile("第?[０-９]+地割.*")
_LIST = re.compile("[、〜～]")


def read_file(path: Path) -> Iterator[Area]:
    """Yield the areas of a CSV file, or of the one in a ZIP archive.

    Raises NotReadable, which names the line.
    """
    try:
        return parse(_decoded(_content(path)).splitlines())
    except (OSError, zipfile.BadZipFile) as error:
        message = f"{path}: {error}"
        raise NotReadable(message) from error


def parse(lines: Iterable[str]) -> Iterator[Area]:
    """Yield the area of each line. Raises NotReadable."""
    is_continued = False
    for number, row in enumerate(csv.reader(lines), start=1):
        if len(row) < _COLUMNS or not _CODE.fullmatch(row[2]):
            message = f"line {number} is not one of KEN_ALL: {','.join(row)[:60]}"
            raise NotReadable(message)
        # What continues is a remark in brackets, which is left out.
        if not is_continued:
            yield Area(row[2], prefecture_of(row[0][:2]), fold(row[7]), town_of(row[8]))
        is_continued = _is_open(row[8], is_continued=is_continued)


def town_of(text: str) -> str:
    """Return the name of a town without remarks; "" if the text names none."""
    if text != "一円" and _NO_TOWN.search(text):
        return ""
    name = _LOTS.sub("", _REMARK.sub("", text))
    return "" if _LIST.search(name) else fold(name)


def _is_open(text: str, *, is_continued: bool) -> bool:
    """Return whether a bracket is still open at the end of the line."""
    opened, closed = text.rfind("（"), text.rfind("）")
    return opened > closed or (is_continued and closed < 0)


def _content(path: Path) -> bytes:
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        if len(names) != 1:
            message = f"{path} must hold one CSV file, and holds {len(names)}"
            raise NotReadable(message)
        return archive.read(names[0])


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return io.TextIOWrapper(io.BytesIO(content), encoding).read()
        except UnicodeDecodeError:
            continue
    message = "the file is neither UTF-8 nor Shift_JIS"
    raise NotReadable(message)
