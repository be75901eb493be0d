"""One thread turns the loop and makes pages; others take over from those that wait."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from shop.local import loop_threads
from shop.local.loop_threads import LoopThreads
from tests.support.waiting import wait_until


@dataclass
class Page:
    work: Callable[[], object]

    def service(self) -> None:
        self.work()


class Loop:
    """A process whose requests come from a test."""

    def __init__(self) -> None:
        self.threads = LoopThreads(self.turn)
        self.asked: deque[Callable[[], object]] = deque()
        self.goes_on = True
        self.at_work: set[threading.Thread] = set()
        self.main = threading.Thread(target=self.run)
        self.main.start()

    def run(self) -> None:
        self.threads.run(lambda: self.goes_on)

    def turn(self, patience: float) -> None:
        time.sleep(min(patience, 0.005))
        while self.asked:
            self.threads.add_task(Page(self.asked.popleft()))

    def stop(self) -> None:
        self.goes_on = False
        self.main.join(10)
        assert not self.main.is_alive()


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    monkeypatch.setattr(loop_threads, "PATIENCE", 0.05)
    monkeypatch.setattr(loop_threads, "MOST_THREADS", 4)
    loop = Loop()
    yield loop
    loop.stop()
    wait_until(lambda: not loop.threads.number, "the threads have ended")


def test_short_pages_are_made_one_after_another_in_one_thread(loop: Loop) -> None:
    made: list[tuple[int, int]] = []

    def make(number: int) -> Callable[[], object]:
        return lambda: made.append((number, threading.get_ident()))

    loop.asked.extend(make(number) for number in range(50))

    wait_until(lambda: len(made) == 50, "all are made")
    assert [number for number, _thread in made] == list(range(50))
    assert len({thread for _number, thread in made}) == 1
    assert loop.threads.number == 2  # one waits to take over


def test_another_thread_takes_over_from_a_page_that_waits(loop: Loop) -> None:
    answered, made = threading.Event(), threading.Event()
    loop.asked.extend([answered.wait, answered.wait, made.set])

    assert made.wait(5)
    answered.set()
    wait_until(lambda: loop.threads.number == 2, "those not needed have ended")
    made.clear()
    loop.asked.append(made.set)
    assert made.wait(5)


def test_the_loop_is_turned_however_many_pages_wait(loop: Loop) -> None:
    answered, waiting = threading.Event(), []

    def wait() -> None:
        waiting.append(True)
        answered.wait()

    loop.asked.extend([wait] * 10)
    wait_until(lambda: len(waiting) == 3, "three wait")
    time.sleep(0.3)

    # The fourth thread makes no page: nobody could take the loop over from it.
    assert (loop.threads.number, len(waiting)) == (4, 3)
    loop.asked.append(answered.set)
    wait_until(lambda: not loop.asked, "the loop was turned")
    answered.set()
    wait_until(lambda: len(waiting) == 10, "all have been made")


def test_a_page_that_fails_does_not_take_its_thread_along(
    loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    made = threading.Event()
    loop.asked.extend([lambda: 1 / 0, made.set])

    assert made.wait(5)
    assert "division by zero" in caplog.text


def test_a_stop_waits_for_no_page_and_the_loop_can_be_turned_again(loop: Loop) -> None:
    answered, made = threading.Event(), threading.Event()
    loop.asked.append(answered.wait)
    wait_until(lambda: not loop.asked, "it waits")
    loop.stop()

    # As the web server does for the requests under way.
    loop.goes_on = True
    loop.main = threading.Thread(target=loop.run)
    loop.main.start()
    loop.asked.append(made.set)
    assert made.wait(5)
    answered.set()
