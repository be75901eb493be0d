"""The image's steps make a shop, and the compose file is one."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from shop.configuration.meanings import MEANINGS
from tests.support.empty_machine import (
    INSTALL,
    ROOT,
    copy_sources,
    needs_root,
    run,
)

DEPLOY = ROOT / "deploy"
COMPOSE = shutil.which("docker-compose")


def instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile with their arguments."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (word, rest.strip())
        for line in joined.splitlines()
        if line.strip()
        for word, _space, rest in [line.partition(" ")]
    ]


DOCKERFILE = instructions((DEPLOY / "Dockerfile").read_text())


def test_the_linter_of_dockerfiles_has_nothing_to_say() -> None:
    linter = Path(sys.executable).with_name("hadolint")

    done = subprocess.run(
        [linter, DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_runs_as_nobody_in_particular() -> None:
    users = [rest for word, rest in DOCKERFILE if word == "USER"]
    bases = [rest for word, rest in DOCKERFILE if word == "FROM"]

    assert users == ["10001:10001"]
    assert bases == ["${PYTHON} AS build", "${PYTHON}"]
    assert any(word == "HEALTHCHECK" for word, _rest in DOCKERFILE)


PIP = (
    ".venv/bin/pip install --no-cache-dir --disable-pip-version-check"
    " --require-hashes --requirement requirements.lock"
)
# As root without any right of root, on a system that is read-only but for the data. The
# image's own user could not read this machine's Python.
AS_IN_THE_CONTAINER = """
# nginx gives its processes the groups of their user, and no other.
setpriv --reuid=www-data --regid=www-data --clear-groups sh -c 'cd /srv/todoku/data'
mount -t tmpfs tmpfs /srv/todoku/data
mount -o remount,ro /srv
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all sh -euc '
  python manage.py check
  gunicorn shop.wsgi --check-config
  for left_out in tests .env .git; do test ! -e "$left_out"; done
  test -e staticfiles/staticfiles.json
  touch "$DATA_DIR/written"
  if touch shop/written 2>/dev/null; then exit 9; fi
  echo a whole shop'
"""


def copied(what: str) -> str:
    """Return the shell's line for COPY. Both stages share one folder here."""
    if what.startswith("--from=build"):
        return "true"
    if what == ". .":
        ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
        return copy_sources(*(name for name in ignored if name and name[0] != "#"))
    name, target = what.split()
    return f"cp '{ROOT}/{name}' {target}"


def script() -> str:
    """Return the Dockerfile's steps as a script of the shell."""
    lines = ["mkdir -p /srv/todoku/current", "cd /srv/todoku/current"]
    for word, rest in DOCKERFILE:
        if word == "RUN":
            lines.append(rest.replace(PIP, INSTALL))
        elif word == "COPY":
            lines.append(copied(rest))
        elif word == "ENV":
            lines.append(f"export {rest}")
    return "\n".join([*lines, AS_IN_THE_CONTAINER])


@needs_root
def test_the_steps_of_the_image_make_a_shop() -> None:
    assert run(script()).endswith("a whole shop\n")


@pytest.fixture
def compose(tmp_path: Path) -> Path:
    """Copy the compose file beside what an operator has filled in."""
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    shutil.copy(DEPLOY / "todoku.env.example", tmp_path / "deploy" / "todoku.env")
    return tmp_path / "deploy" / "compose.yaml"


@pytest.mark.skipif(
    COMPOSE is None, reason="docker-compose is missing (Debian: docker-compose)"
)
def test_compose_reads_the_file(compose: Path) -> None:
    done = subprocess.run(
        [str(COMPOSE), "--file", str(compose), "config"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "read_only: true" in done.stdout


def services() -> dict[str, dict[str, Any]]:
    text = (DEPLOY / "compose.yaml").read_text()
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)["services"]
    return found


@pytest.mark.parametrize("name", ["prepare", "web", "stream", "worker", "sweeper"])
def test_each_process_is_shut_in_and_comes_back(name: str) -> None:
    service = services()[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == (
        "on-failure:3" if name == "prepare" else "unless-stopped"
    )
    assert "healthcheck" in service or name == "web", (
        "the image's is for the web server"
    )
    if name != "prepare":
        assert service["depends_on"]["prepare"] == {
            "condition": "service_completed_successfully"
        }


def test_an_order_of_another_version_does_not_keep_the_shop_closed() -> None:
    """All others wait for the success of ``prepare``, whenever ``up`` is given."""
    found = services()

    assert "migrate" in found["prepare"]["command"][-1]
    assert "check_inflight" not in str(found)
    guide = (DEPLOY.parent / "docs" / "how-to" / "deploy.md").read_text()
    asked = "run --rm --no-deps worker python manage.py check_inflight"
    assert guide.index("run --rm prepare") < guide.index(asked)


def test_only_the_proxy_has_ports() -> None:
    found = services()

    assert [name for name, service in found.items() if "ports" in service] == ["proxy"]
    for name in ("web", "stream"):
        assert found[name]["network_mode"] == "service:proxy"


def test_each_secret_is_a_file_that_a_setting_reads() -> None:
    names = set(services()["web"]["secrets"])
    environment = services()["web"]["environment"]
    example = (DEPLOY / "todoku.env.example").read_text()

    assert all(MEANINGS[name].secret for name in names)
    for name in names:
        assert environment[f"{name}_FILE"] == f"/run/secrets/{name}"
        assert f"\n{name}_FILE=/etc/todoku/secrets/{name}\n" in example
