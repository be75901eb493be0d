"""The plan of make cluster, what it reads of deploy/, and its slow wire. No root."""

import random
import re
from pathlib import Path

import pytest

from tests.cluster import report, run
from tests.cluster.driver import options_of
from tests.cluster.files import DEPLOY, UNITS, changed, given_secrets
from tests.cluster.plan import (
    BY_NAME,
    CUSTOMER_NUMBERS,
    DEPLOY_ORDER,
    HOSTS,
    HUB,
    PLAN,
    PREFIX,
    Kind,
    Role,
    chosen,
)
from tests.cluster.wire import Delays
from tests.support.units import SERVING, Unit

SILENT_AFTER = 45  # seconds after which a host's claims are taken over from afar
ROW = {
    **dict.fromkeys(report.COUNTS, 3),
    "name": "broker cut off",
    "hit": 2,
    "recovery": 1.25,
    "longest": 2.0,
    "slowest": 9.0,
    "page": 0.4,
    "seen": {"/readyz: broker": 2.5, "web1 does not answer": 4.0},
    "alerts": ["The clock is wrong"],
    "notes": ["noted"],
    "gave_up": [],
    "failures": {"502": 4},
}


def test_hosts_have_names_and_addresses_of_their_own() -> None:
    numbers = [host.number for host in HOSTS]

    assert len(BY_NAME) == len(HOSTS) == len({*numbers} - {*CUSTOMER_NUMBERS})
    assert all(host.namespace.startswith(PREFIX) for host in HOSTS)
    # A link's name has 15 letters at most, and the wire's two more.
    assert all(len(host.name) <= 13 for host in HOSTS)
    assert HUB not in {host.namespace for host in HOSTS}


def test_every_serving_unit_of_deploy_runs_on_a_host() -> None:
    names = [name for role in UNITS for name in UNITS[role]]

    assert sorted(names) == sorted(SERVING)
    assert {host.role for host in HOSTS if host.runs_the_shop} == set(UNITS)
    assert set(DEPLOY_ORDER) == set(UNITS)
    assert all(Path(Unit(name).command()[0]).is_absolute() for name in names)


def test_every_role_and_every_kind_of_fault_has_its_turn() -> None:
    hit = {BY_NAME[name].role for fault in PLAN for name in fault.hosts}

    assert {fault.kind for fault in PLAN} == set(Kind)
    assert len({fault.name for fault in PLAN}) == len(PLAN)
    # Without its only proxy nobody can buy; everything else must be missed once.
    assert hit == set(Role) - {Role.PROXY}


def test_faults_end_and_are_long_enough_to_be_noticed() -> None:
    assert sum(fault.seconds for fault in PLAN) < 600
    charge = next(fault for fault in PLAN if fault.kind is Kind.CUT_IN_CHARGE)
    assert charge.seconds > SILENT_AFTER
    for fault in PLAN:
        assert (fault.kind is Kind.SLOW) == bool(fault.delay and fault.loss)
        clocks = len(fault.hosts) if fault.kind is Kind.CLOCK else 0
        assert len(fault.offsets) == clocks


def test_faults_are_chosen_by_a_word() -> None:
    assert chosen([]) == list(PLAN)
    assert [fault.name for fault in chosen(["Database cut"])] == ["database cut off"]
    assert options_of(["--fault", "deploy", "--minutes", "0"]).plan == chosen(
        ["deploy"]
    )
    assert options_of(["--fault", "none"]).plan == []
    for wrong in (["--minutes", "-1"], ["--fault", "no such thing"]):
        with pytest.raises(SystemExit):
            options_of(wrong)


def test_logs_are_kept_in_no_folder_that_has_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = tmp_path / "letter"
    letter.write_text("mine")

    for taken in (tmp_path, letter):
        with pytest.raises(SystemExit):
            run.main(["--keep", str(taken)])
        assert "needs a new or an empty folder" in capsys.readouterr().err
    assert letter.read_text() == "mine"


def test_a_value_that_deploy_does_not_have_any_more_is_noticed() -> None:
    assert changed("port 1", {"port 1": "port 2"}) == "port 2"
    with pytest.raises(AssertionError, match="listen 80 is not in"):
        changed("listen 81", {"listen 80": "listen 8080"})


def test_every_secret_that_deploy_reads_from_a_file_is_given() -> None:
    example = (DEPLOY / "todoku.env.example").read_text()

    named = re.findall(r"^(\w+)_FILE=", example, re.MULTILINE)

    assert sorted(given_secrets("key", "broker")) == sorted(named)


def test_the_wire_delays_each_frame_and_loses_some() -> None:
    delays = Delays(0.05, 10, random.Random(1))  # noqa: S311
    for number in range(1000):
        delays.send(bytes([number % 256]), to=7, now=0.0)

    assert delays.due(0.0499) == []
    arrived = delays.due(0.0751)
    assert len(arrived) + delays.lost == 1000
    assert 60 < delays.lost < 140
    assert {to for to, _frame in arrived} == {7}
    assert delays.pause(1.0) is None


def test_the_wire_knows_when_the_next_frame_is_due() -> None:
    delays = Delays(0.05, 0)
    delays.send(b"frame", to=7, now=1.0)

    pause = delays.pause(1.0)
    assert pause is not None
    assert 0.05 <= pause <= 0.075
    assert delays.pause(2.0) == 0.0


def test_the_table_has_a_line_a_fault_and_the_sums() -> None:
    calm = {**ROW, "name": "nothing", "hit": 0}
    unseen = {**ROW, "seen": {}}

    lines = report.table([calm, ROW])

    assert (
        "| nothing | 3 | 3 | 3 | 3 | 3 | 3 | 0 | - | - | 9.0 s | 0.4 s | 2.5 s |"
        in lines
    )
    assert lines[-2].startswith("| broker cut off |")
    assert "| 2 | 1.2 s | 2.0 s |" in lines[-2]
    assert lines[-1].startswith("| **all** | **6** | **6** |")
    assert report.table([unseen])[2].endswith("| 0.4 s | - |")
    notes = "".join(report.notes_of([ROW]))
    assert "sent again: 4 502" in notes
    assert "staff were told: The clock is wrong" in notes
    assert "saw: /readyz: broker (2 s), web1 does not answer (4 s)" in notes


@pytest.mark.parametrize("part", [report.FAULTS, report.SOAK])
def test_the_page_has_a_place_for_the_figures(part: str) -> None:
    page = report.PAGE.read_text(encoding="utf-8")

    begin, end = report.marks(part)
    assert page.index(begin) < page.index(end)
