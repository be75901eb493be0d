"""The short benchmarks, which fail only on what no noise of a machine explains."""

import pytest

from benchmarks import report, suite
from benchmarks.report import Row

# How far beside its bar a figure may be: other tests run at the same time.
FACTOR = 20


def is_lost(row: Row) -> bool:
    """Return whether an exact figure differs, or another is FACTOR beside its bar."""
    if row.at_least is not None and row.at_least == row.at_most:
        return not row.met
    figure = row.ours if row.ratio is None else row.ratio
    too_few = row.at_least is not None and figure < row.at_least / FACTOR
    return too_few or (row.at_most is not None and figure > row.at_most * FACTOR)


@pytest.mark.long
@pytest.mark.parametrize("module", ["compare", "rush"])
def test_no_figure_is_an_order_of_magnitude_beside_its_bar(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(report.SHORT, "1")

    rows, failed = suite.measure([module])

    assert failed == []
    assert [row for row in rows if is_lost(row)] == []


def test_only_far_beside_its_bar_is_lost() -> None:
    assert not is_lost(Row("orders", 1, "orders/s", "naive saga", 10, at_least=1.3))
    assert is_lost(Row("orders", 1, "orders/s", "naive saga", 20, at_least=1.3))
    assert not is_lost(Row("p95", 39, "s", at_most=2))
    assert is_lost(Row("p95", 41, "s", at_most=2))
    assert is_lost(Row("sold", 201, "units", at_least=200, at_most=200))
