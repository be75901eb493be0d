"""The Makefile refuses a PYTHON that it cannot use."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/usr/bin/env", "make", "--no-print-directory", "help", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("program", ["/no/such/python", "/bin/false", "{old}"])
def test_a_python_that_cannot_be_used_is_not_replaced_by_another(
    tmp_path: Path, program: str
) -> None:
    old = tmp_path / "old"
    old.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "sys.version_info = (3, 10)\nexec(sys.argv[2])\n"
    )
    old.chmod(0o755)

    done = make(f"PYTHON={program.format(old=old)}")

    assert done.returncode != 0
    assert f"PYTHON={program.format(old=old)} does not start, or is older" in (
        done.stderr
    )
    assert "make up" not in done.stdout


def test_a_python_that_can_be_used_is_taken() -> None:
    assert "make up" in make(f"PYTHON={sys.executable}").stdout


def test_without_a_name_the_usual_ones_are_tried() -> None:
    assert "make up" in make().stdout
