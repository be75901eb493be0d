"""Commands to a running supervisor, over its socket."""

import io
import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from shop.local.console import Console
from shop.local.control import CommandRefused, Control, NotRunning, ask
from shop.local.paths import Paths
from shop.local.probes import said
from shop.local.service_spec import Service
from shop.local.supervisor import Supervisor, build_environment
from shop.local.watchdog import Watchdog
from tests.support.waiting import wait_until


@pytest.fixture
def paths(tmp_path: Path, settings: Settings) -> Iterator[Paths]:
    """The paths of a supervisor with one service called web."""
    paths = Paths(tmp_path)
    settings.PATHS = paths
    web = Service("web", ("/bin/sh", "-c", "echo up; exec sleep 600"), said("up"))
    watchdog = Watchdog()
    console = Console(["web"], io.StringIO())
    supervisor = Supervisor(
        [web], watchdog, console, env=build_environment(), cwd=tmp_path
    )
    with Control(paths.control_socket, supervisor):

        def is_up() -> bool:
            supervisor._tick()
            return bool(supervisor.status()[0]["healthy"])

        wait_until(is_up, "up")
        yield paths
    supervisor._stop_all()
    watchdog.dismiss()


def services(*arguments: str) -> str:
    output = io.StringIO()
    call_command("services", *arguments, stdout=output)
    return output.getvalue()


def test_only_the_owner_can_open_the_socket(paths: Paths) -> None:
    assert stat.S_IMODE(paths.control_socket.stat().st_mode) == 0o600


def test_status_is_one_json_document_or_text(paths: Paths) -> None:
    document = json.loads(services("--json"))

    assert document["ready"] is False
    [web] = document["services"]
    assert web.pop("pid") > 1
    assert web == {"name": "web", "state": "running", "healthy": True, "restarts": 0}
    assert services("status").split()[:3] == ["web", "running", "healthy"]


def test_a_service_is_stopped_and_started_by_name(paths: Paths) -> None:
    assert "stopped" in services("stop", "web")
    assert "waiting" in services("start", "web")


def test_a_killed_service_is_not_healthy_from_that_moment_on(paths: Paths) -> None:
    assert "not healthy" in services("kill", "web")


def test_refusals_name_the_services_and_actions(paths: Paths) -> None:
    with pytest.raises(CommandError, match=r"say which one: .* services kill"):
        services("kill")
    with pytest.raises(CommandError, match='no service "wep" here; there are web'):
        services("kill", "wep")
    with pytest.raises(CommandRefused, match="no such action"):
        ask(paths.control_socket, "explode", "web")


def test_a_line_that_is_no_command_gets_an_error_as_answer(paths: Paths) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(paths.control_socket))
        connection.sendall(b"hello\n")
        answer = json.loads(connection.recv(4096))
    assert answer == {"error": "a command is one line of JSON: action and service"}


def test_without_a_running_shop_the_message_says_how_to_start_one(
    tmp_path: Path, settings: Settings
) -> None:
    settings.PATHS = Paths(tmp_path)

    with pytest.raises(CommandError, match=r"Nothing runs on .*: make up"):
        services()
    with pytest.raises(NotRunning):
        ask(Paths(tmp_path).control_socket, "status")
