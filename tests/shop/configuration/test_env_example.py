""".env.example is the configuration's list: it must be neither short nor stale."""

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

from tests.support.variables import settings_variables, variables_read

ROOT = Path(__file__).parents[3]
ENTRY = re.compile(r"^# ([A-Z_]+)=(.*)$")
LINES = (ROOT / ".env.example").read_text().splitlines()


def test_it_names_exactly_what_the_settings_read() -> None:
    names = [entry[1] for line in LINES if (entry := ENTRY.match(line))]

    assert sorted(names) == sorted(settings_variables())


def test_each_entry_has_one_line_of_explanation() -> None:
    for before, line in pairwise(LINES):
        if ENTRY.match(line):
            assert re.match(r"# [A-Z][^=]* .+[.):]", before), f"unexplained: {line}"


def test_the_settings_accept_every_value_it_shows(tmp_path: Path) -> None:
    uncommented = [line[2:] for line in LINES if ENTRY.match(line)]
    chosen = [line for line in uncommented if not line.startswith("ENV_FILE")]
    file = tmp_path / "all.env"
    file.write_text("\n".join(chosen))
    hidden = settings_variables()
    environment = {k: v for k, v in os.environ.items() if k not in hidden}

    done = subprocess.run(
        [sys.executable, "-c", "from shop import settings; print(settings.PORT)"],
        env={**environment, "ENV_FILE": str(file)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "8000\n"), done.stderr


def test_a_variable_is_found_however_it_is_read() -> None:
    source = 'A = env.int("ONE", default=1)\nB = env("x") or env.str("TWO")\n'

    assert variables_read(source) == {"ONE", "TWO"}
