"""deploy/valkey.conf is read by the server that the shop brings along."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from shop.local.broker import server_program
from shop.local.watchdog import Watchdog
from tests.support.ports import free_port
from tests.support.waiting import wait_until

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "valkey.conf"
PASSWORD = "a-long-random-password"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Run the server by our configuration, on a port of this machine."""
    chosen = free_port()
    (tmp_path / "password.conf").write_text(f"requirepass {PASSWORD}\n")
    text = CONFIGURATION.read_text()
    for theirs, ours in {
        "\nport 6379": f"\nport {chosen}",
        "/etc/valkey/password.conf": str(tmp_path / "password.conf"),
    }.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    (tmp_path / "valkey.conf").write_text(text)
    watchdog = Watchdog()
    with (tmp_path / "log").open("wb") as log:
        process = watchdog.spawn(
            [server_program(), str(tmp_path / "valkey.conf")],
            env=dict(os.environ),
            output=log,
            cwd=tmp_path,
        )
    try:
        wait_until(lambda: answers(chosen), f"the broker answers: {tmp_path}/log")
        yield chosen
    finally:
        process.terminate()
        process.wait(10)
        watchdog.dismiss()


def answers(port: int) -> bool:
    try:
        with redis.Redis(port=port, password=PASSWORD) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_it_keeps_nothing_and_drops_nothing(port: int) -> None:
    with redis.Redis(port=port, password=PASSWORD, decode_responses=True) as client:
        found = {
            name: client.config_get(name)[name]
            for name in ("save", "appendonly", "maxmemory-policy", "protected-mode")
        }

    assert found == {
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "protected-mode": "yes",
    }


def test_without_the_password_nobody_is_let_in(port: int) -> None:
    with (
        redis.Redis(port=port) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
