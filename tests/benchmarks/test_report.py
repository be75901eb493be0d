import pytest

from benchmarks.report import Row, markdown, text


def test_a_bar_holds_for_the_ratio_where_something_stands_beside() -> None:
    row = Row("orders", 26, "orders/s", "naive saga", 20, at_least=1.3)
    assert (row.ratio, row.met) == (1.3, True)
    assert Row("orders", 25, "orders/s", "naive saga", 20, at_least=1.3).met is False


def test_a_bar_holds_for_the_figure_where_nothing_stands_beside() -> None:
    assert Row("p95", 1.9, "s", at_most=2).met is True
    assert Row("p95", 2.1, "s", at_most=2).met is False


@pytest.mark.parametrize(("sold", "met"), [(199, False), (200, True), (201, False)])
def test_two_bars_alike_ask_for_exactly_that(sold: float, met: bool) -> None:
    assert Row("sold", sold, "units", at_least=200, at_most=200).met is met


def test_a_row_without_a_bar_is_neither_met_nor_missed() -> None:
    assert Row("no-op chain", 57, "chains/s").met is None


def test_a_thing_beside_that_did_nothing_is_no_ground_for_a_pass() -> None:
    assert Row("latency", 3, "ms", "no-op chain", 0, at_most=3).met is False
    assert Row("orders", 3, "orders/s", "naive saga", 0, at_least=1.3).met is False


def test_the_table_for_a_terminal_is_aligned_under_date_and_machine() -> None:
    rows = [
        Row("orders", 26, "orders/s", "naive saga", 20, at_least=1.3),
        Row("sold", 200, "units", at_least=200, at_most=200),
    ]
    heading, _empty, *table = text(rows, "one machine").splitlines()
    assert heading.endswith(", one machine")
    assert table == [
        "what    ours         beside                   ratio  bar                met",
        "------  -----------  -----------------------  -----  -----------------  ---",
        "orders  26 orders/s  naive saga: 20 orders/s  1.30   at least 1.3x      yes",
        "sold    200 units                                    exactly 200 units  yes",
    ]


def test_the_table_in_markdown_names_what_is_missed() -> None:
    rows = [Row("orders", 12.345, "orders/s", "DBOS", 24.69, at_least=1.5)]
    assert markdown(rows, "one machine").splitlines()[-1] == (
        "| orders | 12.3 orders/s | DBOS: 24.7 orders/s | 0.50 | at least 1.5x | NO |"
    )


def test_thousands_are_written_as_people_write_them() -> None:
    assert "| 3,811 /s |" in markdown([Row("updates", 3811.4, "/s")], "one machine")
