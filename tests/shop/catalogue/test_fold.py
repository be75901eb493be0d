# ruff: noqa: RUF001 - wide letters are what these tests are about

import pytest

from shop.catalogue.folding import fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("テレビくん", "てれびくん"),
        ("ﾃﾚﾋﾞｸﾝ", "てれびくん"),
        ("ＭＵＧ－０１", "mug-01"),
        ("Straße", "strasse"),
        ("  two \u3000 words\n", "two words"),
        ("ヴァイオリン", "ゔぁいおりん"),
        ("ーヶヵ", "ーゖゕ"),
        ("", ""),
    ],
)
def test_width_case_and_kana_are_folded(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_folding_what_is_folded_changes_nothing() -> None:
    once = fold("ﾃﾚﾋﾞくん Ｔシャツ")
    assert fold(once) == once
