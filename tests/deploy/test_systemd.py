"""The units of systemd are what systemd takes them for, and bring everything back."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.support.units import SERVING, UNITS, Unit, copied

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(
    ANALYZE is None, reason="systemd-analyze is missing: this machine has no systemd"
)
MOST_EXPOSED = 20  # tenths, of 100: "OK" begins below 50


def analyze(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ANALYZE), *arguments],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"},
        capture_output=True,
        text=True,
        check=False,
    )


@needs_systemd
def test_systemd_has_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    files = copied(tmp_path)

    done = analyze(tmp_path, "verify", "--man=no", *map(str, files))

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
def test_a_unit_that_systemd_cannot_run_is_seen(tmp_path: Path) -> None:
    copied(tmp_path)
    web = tmp_path / "todoku-web.service"
    web.write_text(web.read_text().replace("bin/gunicorn", "bin/gunicorm"))

    done = analyze(tmp_path, "verify", "--man=no", str(web))

    assert done.returncode != 0
    assert "gunicorm is not executable" in done.stderr


@needs_systemd
def test_every_service_is_shut_in(tmp_path: Path) -> None:
    services = [file for file in copied(tmp_path) if file.suffix == ".service"]

    limits = ("--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager")
    done = analyze(tmp_path, "security", *limits, *map(str, services))

    assert len(services) >= len(SERVING)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", SERVING)
def test_a_service_comes_back_however_it_ended(name: str) -> None:
    unit = Unit(name)

    assert unit.one("Type") == "notify"
    assert unit.one("Restart") == "always"
    assert unit.one("StartLimitIntervalSec") == "0"
    assert "todoku-prepare.service" in " ".join(unit.all("After"))
    # A host that is up before its database would stay without the shop.
    assert "todoku-prepare.service" not in " ".join(unit.all("Requires"))


def test_the_target_starts_every_service_and_timer() -> None:
    wanted = " ".join(Unit("todoku.target").all("Wants")).split()
    timers = [file.name for file in UNITS.glob("*.timer")]

    assert sorted(wanted) == sorted(
        [name.replace("@.", "@1.") for name in SERVING] + timers
    )


def test_only_this_host_reaches_the_ports_of_the_application() -> None:
    sockets = [Unit(file.name) for file in UNITS.glob("*.socket")]

    assert sorted(unit.one("ListenStream") for unit in sockets) == [
        "127.0.0.1:8000",
        "127.0.0.1:8001",
    ]


def test_every_command_of_the_units_exists() -> None:
    lines = [
        line
        for file in UNITS.glob("*.service")
        for line in Unit(file.name).all("ExecStart")
    ]
    commands = {
        line.split("manage.py ")[1].split()[0] for line in lines if "mana" in line
    }

    assert commands <= set(get_commands())
    assert {"migrate", "check_inflight", "sweeper"} <= commands
    prepare = Unit("todoku-prepare.service").all("ExecStart")
    assert [line.split("manage.py ")[1].split()[0] for line in prepare] == [
        "migrate",
        "staff_groups",
        "check_inflight",
    ]
