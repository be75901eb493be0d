"""requirements.lock: a production installs the pinned packages, file by file."""

import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINNED = re.compile(
    r"^([\w.-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", re.MULTILINE
)


def locked() -> dict[str, str]:
    """Return package -> version of what has hashes."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return {canonicalize_name(name): pin for name, pin, _hashes in PINNED.findall(text)}


def test_every_pin_of_the_shop_is_in_it() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [
        Requirement(line.partition("#")[0].strip())
        for line in lines
        if line and not line.startswith("#")
    ]
    found = locked()

    assert len(wanted) > 20
    missing = [
        str(each)
        for each in wanted
        if f"=={found.get(canonicalize_name(each.name))}" != str(each.specifier)
    ]
    assert missing == [], "make lock"


def test_nothing_in_it_is_without_a_hash() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    names = re.findall(r"^([\w.-]+)==", text, re.MULTILINE)

    assert {canonicalize_name(name) for name in names} == set(locked())
