# ruff: noqa: RUF001 (odd characters are the point)
"""What nobody can see is removed from text; what people write stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.text.typed import clean_line, clean_text, fold, fold_digits, has_odd_digits

INVISIBLE = [
    "",
    " ",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u202e",
    "\u3164",
    "\uffa0",
    "\u115f\u1160",
    "\u2800",
    "\u00ad",
    "\u2060\u2063",
    "\u200d",
    "\ufe0f",
    "\U000e0100",
    "\U000e0041",
    "\u0301",
    "\x00\x07\x1b",
    "\x85\x1f",
    "\ud800",
    "\u061c\u200f",
    " \u200b\u3164\ufeff ",
]


@pytest.mark.parametrize("text", INVISIBLE)
def test_text_of_which_nothing_is_seen_is_empty(text: str) -> None:
    assert clean_line(text) == clean_text(text) == fold(text) == ""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Hana\u202eko", "Hanako"),
        ("\ufeff港\u200b 花子", "港 花子"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("a\x0bb\x0cc\td\ne", "a b c d e"),
        ("a\x1fb\x85c", "a b c"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a\ud800b", "ab"),
    ],
)
def test_what_is_invisible_is_removed(text: str, kept: str) -> None:
    assert clean_line(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "港 花子",
        "渡邉󠄂",  # with a variation selector, as on the family register
        "\ufa19谷\ufa10",
        "\ue000",  # a company's own letter
        "O'Neil-Strauß (山田様方)",
        "می‌خواهم",  # with U+200C
        "👩‍👩‍👧 ❤️",  # with U+200D and U+FE0F
        "김철수",
        "é",
        "1-2-3 #405",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert clean_line(text) == text
    assert clean_text(text) == text


def test_lines_stay_lines() -> None:
    assert (
        clean_text(" one \r\n\u200b\n  two\x00\x0bthree \n\n") == "one\n\n  two\nthree"
    )


def test_ordinary_width() -> None:
    assert fold("ＡＢＣ　ｺｰﾎﾟ\u200b①") == "ABC コーポ1"


def test_digits_of_any_width() -> None:
    assert fold_digits(" １０\u200b") == "10"
    assert fold_digits("－３") == "-3"
    assert fold_digits("1²") == "1²"


@pytest.mark.parametrize("text", ["1²", "①", "₃", "𝟏", "⑴"])
def test_odd_digits_are_seen(text: str) -> None:
    assert has_odd_digits(text)


@pytest.mark.parametrize("text", ["", "12", "１２", "－", "港区", "〒", "Ⅳ", "١"])
def test_other_characters_are_no_odd_digits(text: str) -> None:
    assert not has_odd_digits(text)


@given(st.text(alphabet=st.characters(codec=None)))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    for clean in (clean_line, clean_text, fold):
        once = clean(text)
        assert clean(once) == once
        assert "\0" not in once
        once.encode()
