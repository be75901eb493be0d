"""Tests of the test tools: they must fail when they have to."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.support import run
from tests.support.cost import MOST_OF_A_UNIT, Cost, read_costs
from tests.support.network import ReachedOut, refuse
from tests.support.postgres import own_server
from tests.support.run import Outcome, count, verdict
from tests.support.waiting import wait_until

REPORT = """<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1"
failures="2" skipped="3" tests="10" time="1"/></testsuites>"""


def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as outside, pytest.raises(ReachedOut):
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(ReachedOut):
        socket.getaddrinfo("example.com", 443)
    assert socket.getaddrinfo("localhost", 80)


def test_with_a_key_for_it_stripe_alone_may_be_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look_up, connect = "socket.getaddrinfo", "socket.connect"
    with pytest.raises(ReachedOut):
        refuse(look_up, ("api.stripe.com", 443))

    monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", "sk_test_1")
    refuse(look_up, (b"api.stripe.com", 443))

    with pytest.raises(ReachedOut):
        refuse(look_up, ("stripe.com.example.com", 443))
    with pytest.raises(ReachedOut):
        # No lookup has found this address for Stripe.
        refuse(connect, (None, ("192.0.2.1", 443)))


def test_messages_of_tests_stay_in_memory_and_data_in_a_temporary_folder() -> None:
    assert settings.CELERY_BROKER_URL == "memory://"
    assert settings.DATA_DIR.is_relative_to(Path("/tmp"))  # noqa: S108


def test_waiting_fails_with_what_was_awaited() -> None:
    with pytest.raises(
        AssertionError, match=r"not within 0.1 s: rain \(last answer: 0"
    ):
        wait_until(lambda: 0, "rain", seconds=0.1)
    assert wait_until(lambda: "wet", "rain") == "wet"


def test_errors_count_as_failures(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)

    assert str(count("SQLite", 1, report)) == "4 passed, 3 failed, 3 skipped"


def test_the_cost_of_each_test_is_in_the_report(tmp_path: Path) -> None:
    """Of the processor: a test that waits costs nothing, unless for another process."""
    unit = tmp_path / "test_unit.py"
    work = "import time\nwhile time.process_time() < {}: pass\n"
    unit.write_text(
        "import subprocess, sys, time\n"
        "def test_waits():\n    time.sleep(0.6)\n"
        "def test_works():\n"
        "    end = time.process_time() + 0.4\n"
        "    while time.process_time() < end: pass\n"
        "def test_lets_another_process_work():\n"
        f"    subprocess.run([sys.executable, '-c', {work.format(0.8)!r}])\n"
    )
    report = tmp_path / "report.xml"
    plugin = "from tests.support.cost import Meter; import pytest, sys;"
    call = "pytest.main(sys.argv[1:], plugins=[Meter()])"
    command = [sys.executable, "-c", f"{plugin} sys.exit({call})", str(unit)]
    options = ["-p", "no:django", "-n", "0", f"--rootdir={tmp_path}", "-c", os.devnull]

    subprocess.run([*command, *options, f"--junitxml={report}"], check=True)

    dearest, second, other = read_costs(report)
    assert dearest.test.endswith("test_lets_another_process_work")
    assert dearest.seconds >= 0.7
    assert second.test.endswith("test_works")
    assert second.seconds >= 0.4
    assert other.seconds < 0.3


def test_a_unit_that_costs_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dear, cheap = Cost(MOST_OF_A_UNIT + 0.1, "a::dear"), Cost(0.1, "a::cheap")
    for costs, code in (([dear, cheap], 1), ([cheap], 0)):
        outcome = Outcome("SQLite", 0, passed=1, costs=costs)
        monkeypatch.setattr(run, "run", lambda *_, found=outcome, **__: found)
        assert run.run_quickly([]) == code
        assert str(costs[0]) in capsys.readouterr().out


def test_a_run_without_a_report_is_a_failure(tmp_path: Path) -> None:
    assert count("SQLite", 4, tmp_path / "none.xml").failed == 1


@pytest.mark.parametrize(
    ("codes", "partial", "expected"),
    [
        ((0, 0), False, 0),
        ((1, 0), False, 1),
        ((0, 2), False, 2),
        ((-9, 0), False, 9),
        ((0, 5), False, 5),  # the whole run has tests for both databases
        ((0, 5), True, 0),
        ((5, 1), True, 1),
        ((5, 5), True, 5),
    ],
)
def test_one_red_run_makes_the_whole_red(
    codes: tuple[int, int], partial: bool, expected: int
) -> None:
    outcomes = [Outcome("SQLite", codes[0]), Outcome("PostgreSQL", codes[1])]

    assert verdict(outcomes, partial=partial) == expected


def test_a_server_of_our_own_is_gone_after_use() -> None:
    with own_server() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=1)


def test_the_server_dies_with_a_killed_test_run() -> None:
    script = (
        "import json, time\n"
        "from tests.support.postgres import own_server\n"
        "with own_server() as url:\n"
        "    print(json.dumps(url), flush=True)\n"
        "    time.sleep(600)\n"
    )
    with (
        # A killed run leaves its folder behind; here, in one that goes with the test.
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=run.ROOT,
            env={**os.environ, "TMPDIR": folder},
            stdout=subprocess.PIPE,
            text=True,
        ) as starter,
    ):
        Path(folder).chmod(0o755)  # the server runs as an unprivileged user
        assert starter.stdout is not None
        url = json.loads(starter.stdout.readline())
        psycopg.connect(url).close()

        starter.kill()

        wait_until(lambda: refuses(url), "the server is gone")


def refuses(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=1).close()
    except psycopg.OperationalError:
        return True
    return False
