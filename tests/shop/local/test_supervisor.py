"""The supervisor, with short shell scripts as services."""

import io
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from shop.local.console import Console
from shop.local.probes import never, said
from shop.local.runner import Patience, StartFailed
from shop.local.service_spec import Service
from shop.local.supervisor import Supervisor, UnknownService, build_environment
from shop.local.watchdog import Watchdog
from tests.support.processes import group_members, is_alive
from tests.support.waiting import wait_until

FOREVER = "echo up; exec sleep 600"
# Restart at once: the tests check that it restarts, not when.
AT_ONCE = Patience(first_pause=0.01)


def shell(name: str, script: str, **options: Any) -> Service:
    return Service(name, ("/bin/sh", "-c", script), said("up"), **options)


def job(script: str) -> Service:
    return Service("job", ("/bin/sh", "-c", script), never, once=True)


class Running:
    """A supervisor that runs in a thread."""

    def __init__(
        self, services: Sequence[Service], folder: Path, patience: Patience = AT_ONCE
    ) -> None:
        self.log = io.StringIO()
        self.watchdog = Watchdog()
        console = Console((service.name for service in services), self.log)
        self.supervisor = Supervisor(
            services,
            self.watchdog,
            console,
            env=build_environment(),
            cwd=folder,
            patience=patience,
        )
        self.error: StartFailed | None = None
        self.greetings = 0
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.supervisor.run(self._greet)
        except StartFailed as error:
            self.error = error

    def _greet(self) -> None:
        self.greetings += 1

    def wait_ready(self) -> None:
        wait_until(lambda: self.supervisor.ready, "ready")

    def entry(self, name: str) -> dict[str, object]:
        return next(e for e in self.supervisor.status() if e["name"] == name)

    def pid(self, name: str) -> int:
        return int(str(self.entry(name)["pid"]))


@contextmanager
def running(
    folder: Path, *services: Service, patience: Patience = AT_ONCE
) -> Iterator[Running]:
    work = Running(services, folder, patience)
    work.thread.start()
    try:
        yield work
    finally:
        work.supervisor.request_stop()
        work.thread.join(15)
        work.watchdog.dismiss()


def test_a_service_starts_only_when_what_it_needs_is_healthy(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    waits = job(f"while [ ! -e {gate} ]; do sleep 0.05; done")
    with running(tmp_path, waits, shell("web", FOREVER, needs=("job",))) as work:
        wait_until(lambda: work.entry("job")["state"] == "starting", "the job runs")
        assert work.entry("web")["state"] == "waiting"
        assert work.greetings == 0

        gate.touch()
        work.wait_ready()

        assert work.entry("job") == {
            "name": "job",
            "state": "done",
            "healthy": True,
            "pid": None,
            "restarts": 0,
        }
        assert work.entry("web")["state"] == "running"
    assert work.greetings == 1


def test_a_killed_service_is_restarted_and_the_log_says_so(tmp_path: Path) -> None:
    with running(tmp_path, shell("web", FOREVER)) as work:
        work.wait_ready()
        first = work.pid("web")

        os.kill(first, signal.SIGKILL)

        wait_until(lambda: work.entry("web")["restarts"] == 1, "a restart")
        wait_until(lambda: work.entry("web")["healthy"], "healthy again")
        assert work.pid("web") != first
    assert "web ended (signal 9); starting it again in 0.01 s" in work.log.getvalue()
    assert "web is back" in work.log.getvalue()


def test_children_of_a_dead_leader_are_ended(tmp_path: Path) -> None:
    with running(tmp_path, shell("web", "sleep 600 & echo up; wait")) as work:
        work.wait_ready()
        leader = work.pid("web")
        group = group_members(leader)
        assert len(group) == 2

        os.kill(leader, signal.SIGKILL)

        wait_until(lambda: work.entry("web")["restarts"] == 1, "a restart")
        wait_until(lambda: not any(map(is_alive, group)), "the old group is gone")


def test_pauses_between_restarts_grow(tmp_path: Path) -> None:
    web = shell("web", "echo up; sleep 0.3; exit 7")
    with running(tmp_path, web, patience=Patience(first_pause=0.02)) as work:
        wait_until(lambda: "0.08 s" in work.log.getvalue(), "the third restart")
    texts = [f"(exit code 7); starting it again in {s} s" for s in (0.02, 0.04, 0.08)]
    positions = [work.log.getvalue().index(text) for text in texts]
    assert positions == sorted(positions)


def test_a_service_that_does_not_start_stops_everything(tmp_path: Path) -> None:
    bad = shell("web", "echo the port is cursed; exit 3", needs=("broker",))
    with running(tmp_path, shell("broker", FOREVER), bad) as work:
        wait_until(lambda: work.error, "it gives up")
        work.thread.join(10)
        assert work.entry("broker")["pid"] is None
    assert str(work.error) == (
        "web ended 3 times before it was ready (exit code 3). Its last lines:\n"
        "    the port is cursed"
    )


def test_a_failed_job_stops_everything(tmp_path: Path) -> None:
    with running(tmp_path, job("exit 4")) as work:
        wait_until(lambda: work.error, "it gives up")
    assert str(work.error) == (
        "job failed (exit code 4). Its last lines:\n    (no output)"
    )


def test_a_service_that_is_never_healthy_fails_the_start(tmp_path: Path) -> None:
    web = shell("web", "echo thinking; exec sleep 600")
    with running(tmp_path, web, patience=Patience(first_start=0.2)) as work:
        wait_until(lambda: work.error, "it gives up")
    assert "web was not ready after 0.2 s" in str(work.error)
    assert "thinking" in str(work.error)


def test_stopping_ends_services_in_reverse_order(tmp_path: Path) -> None:
    names = ("broker", "web", "sweeper")
    with running(tmp_path, *(shell(name, FOREVER) for name in names)) as work:
        work.wait_ready()
        pids = [work.pid(name) for name in names]
    said_so = [line for line in work.log.getvalue().splitlines() if "stopping" in line]
    assert [line.split()[-1] for line in said_so] == ["sweeper", "web", "broker"]
    assert not any(map(is_alive, pids))


def test_a_stubborn_service_is_killed_after_its_time(tmp_path: Path) -> None:
    script = "trap '' TERM; echo up; while :; do sleep 0.1; done"
    with running(tmp_path, shell("web", script, stop_seconds=0.2)) as work:
        work.wait_ready()
        pid = work.pid("web")
    assert "web did not end in time; killing it" in work.log.getvalue()
    assert not is_alive(pid)


def test_a_second_request_to_stop_kills_what_still_runs(tmp_path: Path) -> None:
    script = "trap '' TERM; echo up; while :; do sleep 0.1; done"
    with running(tmp_path, shell("web", script, stop_seconds=600)) as work:
        work.wait_ready()
        work.supervisor.request_stop()
        work.supervisor.request_stop()
        work.thread.join(5)
        assert not work.thread.is_alive()


def test_a_frozen_service_can_be_stopped(tmp_path: Path) -> None:
    with running(tmp_path, shell("web", FOREVER)) as work:
        work.wait_ready()
        os.killpg(work.pid("web"), signal.SIGSTOP)

        work.supervisor.stop("web")

    assert "did not end in time" not in work.log.getvalue()


def test_a_service_stopped_by_hand_stays_stopped_until_started(tmp_path: Path) -> None:
    with running(tmp_path, shell("web", FOREVER), shell("worker", FOREVER)) as work:
        work.wait_ready()
        pid = work.pid("web")

        work.supervisor.stop("web")
        work.supervisor.kill("worker")

        assert not is_alive(pid)
        wait_until(lambda: work.entry("worker")["restarts"] == 1, "worker restarted")
        assert work.entry("web")["state"] == "stopped"
        work.supervisor.start("web")
        wait_until(lambda: work.entry("web")["healthy"], "web is back")
        work.supervisor.start("web")
        assert work.entry("web")["state"] == "running"


def test_an_unknown_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with (
        running(tmp_path, shell("web", FOREVER)) as work,
        pytest.raises(UnknownService, match='no service "wep" here; there are web'),
    ):
        work.supervisor.stop("wep")


def test_a_killed_watchdog_is_replaced(tmp_path: Path) -> None:
    with running(tmp_path, shell("web", FOREVER)) as work:
        work.wait_ready()
        process = work.watchdog._process
        assert process is not None

        process.kill()

        wait_until(lambda: work.watchdog._process is not process, "another watchdog")
        assert work.watchdog.is_running()


def test_it_stops_when_its_parent_has_ended(tmp_path: Path) -> None:
    work = Running([shell("web", FOREVER)], tmp_path)
    work.supervisor.run(lambda: None, is_abandoned=lambda: work.supervisor.ready)
    work.watchdog.dismiss()

    assert work.entry("web")["pid"] is None
