"""Django's command line for the shop."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_an_output_that_is_closed_early_prints_no_trace() -> None:
    command = [sys.executable, "manage.py", "diffsettings", "--all"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()

        said = process.stderr.read()

    assert (process.returncode, said) == (141, "")


@pytest.mark.long
@pytest.mark.parametrize(
    ("database", "fix"),
    [
        ("sqlite:///{folder}/new.sqlite3", "manage.py migrate"),
        ("sqlite:///{folder}/none/shop.sqlite3", "{folder}/none/shop.sqlite3 cannot"),
        ("postgres://shop@127.0.0.1:1/shop", "Start it, or correct DATABASE_URL"),
    ],
)
def test_an_unusable_database_is_reported_with_its_fix(
    tmp_path: Path, database: str, fix: str
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "saga_list"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database.format(folder=tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 69
    assert fix.format(folder=tmp_path) in done.stderr
    assert "Traceback" not in done.stderr
