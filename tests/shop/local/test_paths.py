"""Folders, sockets, ports and the lock of one installation."""

import os
import socket
import stat
from pathlib import Path

import pytest

from shop.local.locks import (
    AlreadyRunning,
    PortOutOfRange,
    PortTaken,
    require_free,
    take_lock,
)
from shop.local.paths import (
    DEFAULT_PORT,
    SOCKET_PATH_LIMIT,
    Paths,
    UnsafeSocketFolder,
    prepare_socket,
)


def test_sockets_lie_in_the_data_folder_when_the_path_is_short() -> None:
    paths = Paths(Path("/data"))

    assert paths.broker_socket == Path("/data/broker/valkey.sock")
    assert paths.control_socket == Path("/data/control.sock")


def test_a_socket_whose_path_is_too_long_moves_to_the_temporary_folder(
    tmp_path: Path,
) -> None:
    deep = Paths(tmp_path / ("long-" * 30))
    other = Paths(tmp_path / ("long_" * 30))
    sockets = {deep.broker_socket, deep.control_socket, other.broker_socket}

    assert len(sockets) == 3
    for path in sockets:
        assert len(os.fsencode(path)) <= SOCKET_PATH_LIMIT
        assert path.parent.name == f"todoku-{os.getuid()}"
        prepare_socket(path)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
        path.unlink()


@pytest.mark.parametrize("name", ["a b", "a#b", "a%20b", "a?b", "届け"])
def test_a_socket_whose_path_a_url_would_misread_moves_too(name: str) -> None:
    paths = Paths(Path("/") / name)

    assert paths.broker_socket.parent.name == f"todoku-{os.getuid()}"
    assert paths.database == Path("/") / name / "db.sqlite3"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_socket_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, 12345, 12345)

    with pytest.raises(UnsafeSocketFolder, match="belongs to another user"):
        prepare_socket(folder / "x.sock")


def test_the_port_of_the_last_start_is_remembered(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "new")
    assert paths.recorded_port() == DEFAULT_PORT

    paths.record_port(8123)

    assert paths.recorded_port() == 8123


def test_a_damaged_ports_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.ports_file.write_text("{")

    with pytest.raises(ValueError, match=r"ports\.json is damaged; delete it"):
        paths.recorded_port()


def test_a_second_start_on_the_same_data_is_refused_until_the_first_ends(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    first = take_lock(tmp_path / "up.lock", said.append)

    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}.*DATA_DIR=var-2"):
        take_lock(tmp_path / "up.lock", said.append)

    os.close(first)
    os.close(take_lock(tmp_path / "up.lock", said.append))
    assert said == []


def test_the_lock_of_a_killed_run_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "up.lock"
    held = take_lock(path, lambda _text: None)
    os.ftruncate(held, 0)
    os.pwrite(held, b"process 999999999\n", 0)

    def end(_text: str) -> None:
        os.close(held)

    os.close(take_lock(path, end))


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(PortTaken) as refusal:
            require_free(port, "the shop", "Choose another one: make up PORT=8010")

    assert str(refusal.value) == (
        f"Port {port} (for the shop) is taken by another program. "
        "Choose another one: make up PORT=8010"
    )
    require_free(port, "the shop", "")


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(PortOutOfRange, match=f"PORT={port} cannot be used"):
        require_free(port, "the shop", "")
