"""Orders to a running supervisor, over its socket."""

import io
import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from shop.local.console import Console
from shop.local.control import Control, NotRunning, OrderRefused, ask
from shop.local.paths import Places
from shop.local.probes import said
from shop.local.service import Service
from shop.local.supervisor import Supervisor, environment
from shop.local.watchdog import Guardian
from tests.support.waiting import wait_until


@pytest.fixture
def places(tmp_path: Path, settings) -> Iterator[Places]:
    """A supervisor that is moved on by hand, one service called web."""
    places = Places(tmp_path)
    settings.PLACES = places
    web = Service("web", ("/bin/sh", "-c", "echo up; exec sleep 600"), said("up"))
    guardian = Guardian()
    console = Console(["web"], io.StringIO())
    supervisor = Supervisor([web], guardian, console, env=environment(), cwd=tmp_path)
    with Control(places.control_socket, supervisor):

        def is_up() -> bool:
            supervisor._tick()
            return bool(supervisor.status()[0]["healthy"])

        wait_until(is_up, "up")
        yield places
    supervisor._stop_all()
    guardian.dismiss()


def services(*arguments: str) -> str:
    output = io.StringIO()
    call_command("services", *arguments, stdout=output)
    return output.getvalue()


def test_only_the_owner_may_give_orders(places: Places) -> None:
    assert stat.S_IMODE(places.control_socket.stat().st_mode) == 0o600


def test_status_is_one_json_document_or_lines_to_read(places: Places) -> None:
    document = json.loads(services("--json"))

    assert document["ready"] is False
    [web] = document["services"]
    assert web.pop("pid") > 1
    assert web == {"name": "web", "state": "running", "healthy": True, "restarts": 0}
    assert services("status").split()[:3] == ["web", "running", "healthy"]


def test_a_service_is_stopped_and_started_by_name(places: Places) -> None:
    assert "stopped" in services("stop", "web")
    assert "waiting" in services("start", "web")


def test_a_killed_service_is_not_healthy_from_that_moment_on(places: Places) -> None:
    assert "not healthy" in services("kill", "web")


def test_refusals_name_what_there_is(places: Places) -> None:
    with pytest.raises(CommandError, match=r"say which one: .* services kill"):
        services("kill")
    with pytest.raises(CommandError, match='no service "wep" here; there are web'):
        services("kill", "wep")
    with pytest.raises(OrderRefused, match="no such action"):
        ask(places.control_socket, "explode", "web")


def test_what_is_no_order_is_answered_all_the_same(places: Places) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(places.control_socket))
        connection.sendall(b"hello\n")
        answer = json.loads(connection.recv(4096))
    assert answer == {"error": "an order is one line of JSON: action and service"}


def test_nobody_listening_is_said_with_the_way_out(tmp_path: Path, settings) -> None:
    settings.PLACES = Places(tmp_path)

    with pytest.raises(CommandError, match=r"Nothing runs on .*: make up"):
        services()
    with pytest.raises(NotRunning):
        ask(Places(tmp_path).control_socket, "status")
