"""Run a script as root on a machine of which nothing stays."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENV = Path(sys.prefix)
needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("useradd"),
    reason="users and mounts of its own need root, and a Linux with useradd",
)
# What requirements.txt names is in this environment: 250 MB are not fetched once more.
INSTALL = (
    f"echo {VENV}/lib/python3.11/site-packages"
    " > .venv/lib/python3.11/site-packages/installed.pth"
    f" && cp {VENV}/bin/gunicorn {VENV}/bin/celery .venv/bin"
)
# /srv is in memory, and /etc a layer over ours.
_EMPTY = """
set -eu
layers=$(mktemp -d)
mount -t tmpfs tmpfs "$layers"
mkdir "$layers/etc" "$layers/work"
mount -t overlay overlay /etc -o \\
    "lowerdir=/etc,upperdir=$layers/etc,workdir=$layers/work"
mount -t tmpfs -o mode=755 tmpfs /srv
id www-data > /dev/null 2>&1 || useradd --system www-data
"""


def copy_sources(*left_out: str) -> str:
    """Return the command that copies this checkout into the current folder.

    ``left_out`` are patterns from its top, or names anywhere that begin with ``**/``.
    """
    options = " ".join(
        f"--no-anchored --exclude='{name.removeprefix('**/')}'"
        if name.startswith("**/")
        else f"--anchored --exclude='./{name}'"
        for name in (*left_out, ".git", ".venv*", "var*", "staticfiles")
    )
    return f"tar -C '{ROOT}' {options} -cf - . | tar --no-same-owner -xf -"


def run(script: str, **variables: str) -> str:
    """Run a script of bash there. Return its output. Raises AssertionError."""
    namespace = ("unshare", "--mount", "--propagation", "private")
    done = subprocess.run(
        [*namespace, "bash", "-c", f"{_EMPTY}{script}"],
        env={"PATH": f"{sys.base_prefix}/bin:{os.environ['PATH']}", **variables},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
