"""Seeds, sums and the report of ``make chaos``."""

import json
import sys
from pathlib import Path

import pytest

from tests.chaos import run
from tests.chaos.driver import end
from tests.chaos.plans import (
    BLOCK,
    MATRIX,
    MATRIX_WEBHOOKS,
    OUTSIDE,
    Kind,
    Partner,
    Plan,
    cells,
    plan,
    plan_with,
)
from tests.chaos.run import Driver, Progress, report, verdict
from tests.chaos.tally import Result, sums, table

KEYS = [
    "runs",
    "charges",
    "double_charges",
    "lost_orders",
    "oversold",
    "stuck",
    "webhooks_missing",
    "recovery_p50_s",
    "recovery_max_s",
]


def plans(number: int, *, server: bool = True) -> list[Plan]:
    return [plan(seed, server=server) for seed in range(1, number + 1)]


def test_a_seed_breaks_the_same_things_every_time() -> None:
    assert plans(40) == plans(40)
    assert plan(17, server=True) != plan(18, server=True)


def test_a_hundred_seeds_visit_every_cell_of_the_kill_matrix_once() -> None:
    visited = [
        (one.kind, one.webhooks, purchase.death)
        for one in plans(100)
        if one.kind in MATRIX
        for purchase in one.purchases
    ]

    matrix = [
        (kind, webhooks, death)
        for kind, role in MATRIX.items()
        for webhooks in MATRIX_WEBHOOKS
        for death in cells(role)
    ]
    assert len(matrix) > 250
    assert sorted(map(str, visited)) == sorted(map(str, matrix))


@pytest.mark.parametrize("server", [True, False])
def test_a_block_of_seeds_has_every_fault_that_the_database_can_have(
    server: bool,
) -> None:
    kinds = {one.kind for one in plans(BLOCK, server=server)}

    only_here = {Kind.DATABASE, Kind.COMMITS} if server else {Kind.EVERYTHING}
    of_servers = {Kind.DATABASE, Kind.COMMITS, Kind.EVERYTHING}
    of_brokers = {Kind.CUT, Kind.FROZEN, Kind.FULL, Kind.FAILED_OVER}
    elsewhere = of_servers | of_brokers | {Kind.PRIMARY_KILLED}
    assert kinds == set(Kind) - elsewhere | only_here


def test_a_block_of_seeds_has_endpoints_that_fail_in_every_way() -> None:
    assert {one.partner for one in plans(BLOCK)} == set(Partner)


@pytest.mark.parametrize("broker", OUTSIDE)
def test_ten_seeds_have_every_fault_of_a_broker_outside(broker: str) -> None:
    ten = [plan_with(broker, seed) for seed in range(1, 11)]

    assert ten == [plan_with(broker, seed) for seed in range(1, 11)]
    assert sorted(one.kind for one in ten) == sorted(OUTSIDE[broker])
    assert {one.kind for one in ten} >= {Kind.CUT, Kind.FROZEN, Kind.BROKER_KILLED}


def result(**changes: object) -> Result:
    values = {
        "database": "sqlite",
        "seed": 1,
        "kind": "a",
        "charges": 5,
        "double_charges": 0,
        "lost_orders": 0,
        "oversold": 0,
        "stuck": 0,
        "webhooks_missing": 0,
        "unreached": 0,
        "recovery": (1.0, 3.0),
        "findings": (),
    }
    return Result(**(values | changes))  # type: ignore[arg-type]


def test_the_sums_have_these_names_and_no_others() -> None:
    both = [result(), result(kind="b", lost_orders=2, stuck=1, recovery=(8.0,))]

    assert list(sums(both)) == KEYS
    assert list(sums(both).values()) == [2, 10, 0, 2, 0, 1, 0, 3.0, 8.0]
    assert list(sums([])) == KEYS


def test_the_table_has_a_line_for_each_kind_and_one_for_all() -> None:
    head, first, last, everything = table([result(), result(kind="b")], ["a", "b"])

    assert head.split()[:4] == ["runs", "charges", "double", "lost"]
    assert first.split()[:3] == ["a", "1", "5"]
    assert last.split()[:3] == ["b", "1", "5"]
    assert everything.split()[:3] == ["all", "2", "10"]


def test_a_result_survives_its_way_between_two_processes() -> None:
    found = result(findings=("261122-A was charged 2 times",), double_charges=1)

    assert Result.read(found.line()) == found
    assert json.loads(found.line())["double_charges"] == 1


def test_the_last_line_is_the_sums_and_what_was_found_is_named() -> None:
    lines = report([result(findings=("A is lost",), lost_orders=1)], {"b": ["why"]})

    assert list(json.loads(lines[-1])) == KEYS
    assert "SEED=1 on sqlite: A is lost" in lines
    assert "    why" in lines


def test_only_a_whole_run_without_findings_is_good() -> None:
    assert verdict([result()], {}, asked=1) == 0
    assert verdict([result()], {}, asked=2) == 1
    assert verdict([result(), result(findings=("A is stuck",))], {}, asked=2) == 1
    assert verdict([result()], {"postgresql": ["it fell over"]}, asked=1) == 1


class Ended(Driver):
    """A driver whose process is this program instead."""

    program = ""

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-c", self.program]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("import os; os.kill(os.getpid(), 9)", "it was killed by SIGKILL"),
        ("import os; os.kill(os.getpid(), 15)", "it was killed by SIGTERM"),
        ("raise SystemExit(143)", "it ended with exit code 143"),
    ],
)
def test_a_driver_that_ends_without_a_word_is_reported_with_how(
    program: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "LOGS", tmp_path)
    driver = Ended("postgresql", [1], [], Progress(1))
    driver.program = program

    driver.run()

    first, second, third = driver.last_lines()
    assert first.startswith(expected)
    assert second == "(driver.log is empty)"
    assert third == "(there is no up.log)"


def test_a_driver_says_what_it_was_doing_when_it_was_ended(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        end(15, None)

    assert ended.value.code == 143
    assert "s: ended by SIGTERM" in capfd.readouterr().err
