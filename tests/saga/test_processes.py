"""A process has a name of its own, by which others see that it has ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from saga import processes
from saga.models import Saga
from saga.processes import has_ended, own_name

_SAY_NAME = (
    "from saga.processes import own_name; print(own_name(), flush=True); input()"
)


@contextmanager
def other_process() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Yield the name of a process that lives until it is killed, and the process."""
    with subprocess.Popen(
        [sys.executable, "-c", _SAY_NAME],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def test_a_process_that_lives_or_is_frozen_has_not_ended() -> None:
    with other_process() as (name, process):
        assert name != own_name()
        assert not has_ended(name)
        process.send_signal(signal.SIGSTOP)
        assert not has_ended(name)
    assert not has_ended(own_name())


def test_a_killed_process_has_ended_before_and_after_its_parent_collects_it() -> None:
    with other_process() as (name, process):
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert has_ended(name), "a zombie"
        process.wait()
        assert has_ended(name)


def test_a_later_process_with_the_same_number_is_another_one() -> None:
    host, pid, token = own_name().split(":")
    machine, _, _start = token.partition("-")

    assert has_ended(f"{host}:{pid}:{machine}-1")


@pytest.mark.parametrize(
    "name", ["", "web-1", "web-1:1", "web-1:x:", "web-1:999999999"]
)
def test_a_name_that_says_too_little_is_no_proof(name: str) -> None:
    assert not has_ended(name)


def test_of_a_process_of_another_machine_nothing_is_known() -> None:
    host, _pid, token = own_name().split(":")
    _machine, _, start = token.partition("-")

    assert not has_ended(f"{host}:999999999:0badcafe-{start}")


def test_a_forked_process_has_its_own_name() -> None:
    mine = own_name()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, own_name().encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        name = pipe.read()

    assert name.split(":")[1] == str(child)
    assert name != mine
    assert has_ended(name)


def test_without_proc_the_number_alone_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_status", lambda _pid: None)
    host, pid, token = own_name().split(":")
    machine, _, _start = token.partition("-")

    assert not has_ended(f"{host}:{pid}:{machine}-1"), "the number is in use"
    assert has_ended(f"{host}:999999999:{machine}-1")


def test_the_longest_name_fits_its_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "h" * 255)
    processes._name_of.cache_clear()
    try:
        longest = len(own_name()) - len(str(os.getpid())) + len(str(2**22))
    finally:
        processes._name_of.cache_clear()

    assert longest <= (Saga._meta.get_field("claimed_by").max_length or 0)
