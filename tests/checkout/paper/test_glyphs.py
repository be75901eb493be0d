"""Characters that a PDF cannot draw are replaced, never dropped."""

import pytest

from checkout.paper.glyphs import GETA, has_missing, markup, replace_missing


@pytest.mark.parametrize(
    "text",
    [
        "Hanako Minato",
        "みなと 花子",
        "髙橋 﨑山",
        "ﾐﾅﾄ",
        "①㈱℡",
        "Café Zoë €5 “ok”",
        "￥1,800",
        "〒105-0011",
        "10〜20",
    ],
)
def test_what_the_fonts_have_is_drawn(text: str) -> None:
    assert replace_missing(text) == text
    assert not has_missing(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("𠮷野家", f"{GETA}野家"),
        ("mug 😀", f"mug {GETA}"),
        ("Łódź", f"{GETA}ód{GETA}"),
        ("한국", GETA * 2),
        ("a\x07b", f"a{GETA}b"),
    ],
)
def test_what_they_lack_is_replaced_visibly(text: str, shown: str) -> None:
    assert replace_missing(text) == shown
    assert has_missing(text)


def test_selectors_of_a_form_do_not_count() -> None:
    assert replace_missing("葛\U000e0100城") == "葛城"
    assert not has_missing("葛\U000e0100城")


def test_letters_with_combining_marks_are_drawn_as_one() -> None:
    assert replace_missing("e\u0301") == "é"
    assert not has_missing("e\u0301")


def test_each_run_names_its_font_and_nothing_is_markup() -> None:
    assert markup("<b>朝</b>") == (
        '<font name="Helvetica">&lt;b&gt;</font>'
        '<font name="HeiseiKakuGo-W5">朝</font>'
        '<font name="Helvetica">&lt;/b&gt;</font>'
    )
