"""The bundled broker: find its program, start it, ping it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection

from shop.configuration.broker import BrokerDown, describe, ping
from shop.local import broker
from shop.local.broker import NoBrokerProgram, choose, server_argv
from shop.local.paths import Paths, prepare_socket
from shop.local.watchdog import Watchdog
from tests.support.waiting import wait_until


@pytest.fixture(params=["plain", "with space, # and 届け"])
def running_broker(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Paths]:
    paths = Paths(tmp_path / request.param)
    paths.broker_dir.mkdir(parents=True)
    prepare_socket(paths.broker_socket)
    watchdog = Watchdog()
    server = watchdog.spawn(
        server_argv(paths.broker_dir, paths.broker_socket),
        env=os.environ,
        output=subprocess.DEVNULL,
    )
    yield paths
    watchdog.dismiss()
    server.wait(5)


def answers(url: str) -> bool:
    try:
        ping(describe(url))
    except BrokerDown:
        return False
    return True


def test_it_serves_celery_on_a_socket_that_only_its_owner_can_open(
    running_broker: Paths,
) -> None:
    url = f"redis+socket://{running_broker.broker_socket}"
    wait_until(lambda: answers(url), "the broker answers")

    assert running_broker.broker_socket.stat().st_mode & 0o777 == 0o700
    with Connection(url) as connection:
        queue = connection.SimpleQueue("parcels")
        queue.put({"saga": 7})
        message = queue.get(timeout=5)
        assert message.payload == {"saga": 7}
        message.ack()
        queue.close()


def test_a_missing_broker_is_down(tmp_path: Path) -> None:
    with pytest.raises(BrokerDown, match="does not answer"):
        ping(describe(f"redis+socket://{tmp_path}/none.sock"))


def test_the_first_program_that_executes_is_chosen(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    good = tmp_path / "good"
    good.write_text("#!/bin/sh\nexit 0\n")
    good.chmod(0o755)

    assert choose([str(tmp_path / "missing"), str(broken), str(good)]) == str(good)


def test_without_a_program_the_error_says_what_was_tried(
    tmp_path: Path,
) -> None:
    alien = tmp_path / "alien"
    alien.write_bytes(b"\x7fELF of another machine")
    alien.chmod(0o755)

    with pytest.raises(NoBrokerProgram) as refusal:
        choose([str(alien)])

    assert f"{alien} (Exec format error)" in str(refusal.value)
    assert "apt-get install redis-server" in str(refusal.value)
    assert "BROKER_URL" in str(refusal.value)


def test_the_bundled_program_is_preferred() -> None:
    assert broker.server_program() == broker.bundled_programs()[0]
