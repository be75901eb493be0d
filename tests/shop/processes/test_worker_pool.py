"""The worker's pool of threads: its loop, threads that hang, and connections."""

import logging
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from celery import concurrency, current_app
from django.conf import settings as django_settings
from django.db import connection
from kombu.asynchronous import Hub, get_event_loop, set_event_loop
from pytest_django.fixtures import Settings

from shop import celery
from shop.processes import worker_pool
from shop.processes.worker_pool import EXIT_CODE, HANGS_AFTER, Pool
from tests.support.waiting import wait_until

THREADS = 4


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(limit=THREADS)
    pool.start()
    yield pool
    pool.stop()


@pytest.fixture
def loop() -> Iterator[Hub]:
    """The loop of a worker, in this thread."""
    before = get_event_loop()
    hub = Hub()
    set_event_loop(hub)
    yield hub
    hub.close()
    set_event_loop(before)


class Ended(Exception):
    """The process ended here."""


@pytest.fixture
def endings(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(worker_pool.os, "_exit", end)  # type: ignore[attr-defined]
    monkeypatch.setattr(logging, "shutdown", lambda: None)


def test_the_plain_command_runs_threads_as_many_as_workers_says() -> None:
    conf = current_app.conf

    assert concurrency.get_implementation(conf.worker_pool) is Pool
    assert conf.worker_concurrency == django_settings.WORKERS


def test_no_task_relies_on_a_time_limit_which_reaches_no_thread() -> None:
    conf = current_app.conf
    assert (conf.task_time_limit, conf.task_soft_time_limit) == (None, None)

    limits = {
        (task.time_limit, task.soft_time_limit) for task in current_app.tasks.values()
    }
    assert limits == {(None, None)}


def test_results_are_handled_in_the_thread_of_the_loop(pool: Pool, loop: Hub) -> None:
    handled: list[tuple[Any, int]] = []
    worked: list[int] = []

    def work(task: str) -> str:
        worked.append(threading.get_ident())
        return f"{task} is done"

    pool.apply_async(
        work,
        ("a",),
        callback=lambda said: handled.append((said, threading.get_ident())),
    )
    steps = loop.create_loop()
    while not handled:
        next(steps)

    assert handled == [("a is done", threading.get_ident())]
    assert worked != [threading.get_ident()]


def test_results_of_a_pool_that_stops_are_handled_when_the_loop_closes(
    loop: Hub,
) -> None:
    pool = Pool(limit=1)
    handled: list[str] = []
    pool.start()
    pool.apply_async(lambda task: task, ("last",), callback=handled.append)

    pool.stop()
    loop.close()

    assert handled == ["last"]


class Hanging:
    """Tasks in a pool that hang until the test ends."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.begun = 0
        self.may_end = threading.Event()

    def hang(self, _task: str) -> None:
        self.begun += 1
        self.may_end.wait(30)

    def begin(self, number: int) -> None:
        goal = self.begun + number
        for _task in range(number):
            self.pool.apply_async(self.hang, ("checkout.hang",), callback=str)
        wait_until(lambda: self.begun == goal, "the threads hang")


@pytest.fixture
def hanging(pool: Pool) -> Iterator[Hanging]:
    hanging = Hanging(pool)
    yield hanging
    hanging.may_end.set()


@pytest.mark.usefixtures("endings")
def test_a_thread_that_hangs_is_named_once_with_its_trace(
    pool: Pool, hanging: Hanging, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    hanging.begin(1)
    pool.end_if_hung()
    assert not caplog.records

    settings.SAGA_LEASE = 0
    for _look in range(3):
        pool.end_if_hung()

    (record,) = caplog.records
    assert "checkout.hang hangs" in record.getMessage()
    assert "in hang" in record.getMessage()


@pytest.mark.usefixtures("endings")
def test_a_worker_half_of_whose_threads_hang_ends_and_is_started_again(
    pool: Pool, hanging: Hanging, settings: Settings
) -> None:
    settings.SAGA_LEASE = 0
    hanging.begin(THREADS // 2 - 1)
    pool.end_if_hung()

    hanging.begin(1)

    with pytest.raises(Ended, match=str(EXIT_CODE)):
        pool.end_if_hung()
    assert os.EX_TEMPFAIL == EXIT_CODE


@pytest.mark.usefixtures("endings")
def test_a_worker_that_is_only_busy_goes_on(pool: Pool, hanging: Hanging) -> None:
    assert HANGS_AFTER * django_settings.SAGA_LEASE > 60
    hanging.begin(THREADS)

    pool.end_if_hung()

    hanging.may_end.set()
    wait_until(lambda: not pool._jobs, "all threads are free")


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_each_thread_renews_its_own_connection() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server that could close a connection")
    killed, other_was_fine = threading.Event(), threading.Event()
    answers: list[int] = []

    def next_task_of_an_idle_thread() -> None:
        celery.renew_connection()
        celery._last_task.began -= 2 * celery.TRUSTED_FOR
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            answers.append(cursor.fetchone()[0])
        killed.set()
        other_was_fine.wait(20)
        try:
            celery.renew_connection()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                answers.append(cursor.fetchone()[0])
        finally:
            connection.close()

    thread = threading.Thread(target=next_task_of_an_idle_thread)
    thread.start()
    killed.wait(20)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [answers[0]])
    celery.renew_connection()
    other_was_fine.set()
    thread.join(20)

    assert len(answers) == 2
    assert answers[0] != answers[1]
