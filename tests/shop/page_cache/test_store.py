"""Pages are made once, kept for a short time, and nobody waits for ever."""

import threading
import time
from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from shop.page_cache import store
from shop.page_cache.page import Page
from shop.page_cache.store import Store
from tests.support.threads import run_together
from tests.support.waiting import wait_until


def page(text: str = "page", status: int = 200) -> Page:
    return Page(status, (), (text.encode(),), (), ())


class Maker:
    """Makes pages "1", "2", ... and counts them."""

    def __init__(self, status: int = 200) -> None:
        self.made = 0
        self.status = status
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self) -> Page:
        self.made += 1
        text = str(self.made)
        assert self.gate.wait(20)
        return page(text, self.status)


@pytest.fixture
def pages(settings: Settings) -> Store:
    settings.GUEST_PAGE_SECONDS = 600.0
    return Store()


@pytest.fixture
def pass_seconds(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let time pass for the store, without waiting."""
    ahead = [0.0]
    clock = time.monotonic
    monkeypatch.setattr(store, "monotonic", lambda: clock() + ahead[0])

    def pass_seconds(seconds: float) -> None:
        ahead[0] += seconds

    return pass_seconds


def text(page: Page) -> str:
    return page.pieces[0].decode()


def test_a_page_is_made_once(pages: Store) -> None:
    make = Maker()

    assert [text(pages.get("a", make)) for _ in range(3)] == ["1", "1", "1"]
    assert text(pages.get("b", make)) == "2"


def test_many_requests_at_once_make_a_page_once(pages: Store) -> None:
    make = Maker()
    make.gate.clear()
    opener = threading.Timer(0.3, make.gate.set)
    opener.start()

    answers = run_together(range(8), lambda _: text(pages.get("a", make)))

    assert answers == ["1"] * 8


def test_from_half_its_time_on_one_request_makes_it_again(
    pages: Store, pass_seconds: Callable[[float], None]
) -> None:
    make = Maker()
    pages.get("a", make)
    pass_seconds(310)
    make.gate.clear()
    renewing = threading.Thread(target=pages.get, args=("a", make))
    renewing.start()
    wait_until(lambda: make.made == 2, "the page is being made again")

    # The others do not wait for it.
    assert [text(pages.get("a", make)) for _ in range(3)] == ["1", "1", "1"]
    make.gate.set()
    renewing.join()
    assert text(pages.get("a", make)) == "2"


def test_an_old_page_is_not_shown(
    pages: Store, pass_seconds: Callable[[float], None]
) -> None:
    make = Maker()
    pages.get("a", make)
    pass_seconds(600)

    assert text(pages.get("a", make)) == "2"


def test_nobody_waits_for_a_page_that_was_begun_too_long_ago(
    pages: Store, pass_seconds: Callable[[float], None]
) -> None:
    slow, quick = Maker(), Maker()
    slow.gate.clear()
    hanging = threading.Thread(target=pages.get, args=("a", slow))
    hanging.start()
    wait_until(lambda: slow.made == 1, "the page is being made")
    pass_seconds(600)

    assert text(pages.get("a", quick)) == "1"
    assert text(pages.get("a", quick)) == "1"
    assert quick.made == 1
    slow.gate.set()
    hanging.join()
    # What was late does not replace what is newer.
    assert pages.get("a", quick) is pages.get("a", slow)


def test_a_request_waits_only_so_long_for_another_one(
    pages: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    slow, quick = Maker(), Maker()
    slow.gate.clear()
    hanging = threading.Thread(target=pages.get, args=("a", slow))
    hanging.start()
    wait_until(lambda: slow.made == 1, "the page is being made")

    assert text(pages.get("a", quick)) == "1"
    slow.gate.set()
    hanging.join()


def test_a_failure_is_one_request_s_alone(pages: Store) -> None:
    def fail() -> Page:
        message = "the database is away"
        raise OSError(message)

    with pytest.raises(OSError, match="away"):
        pages.get("a", fail)
    assert text(pages.get("a", Maker())) == "1"


def test_pages_that_are_not_found_are_not_kept(pages: Store) -> None:
    make = Maker(status=404)
    pages.get("a", make)
    pages.get("a", make)

    assert make.made == 2
    assert pages.size == 0


def test_those_not_asked_for_longest_go_first(settings: Settings) -> None:
    settings.GUEST_PAGE_SECONDS = 600.0
    pages = Store(capacity=3 * page("1").size)
    make = Maker()
    for key in "abcabd":
        pages.get(key, make)
    assert make.made == 4
    for key in "abd":
        pages.get(key, make)
    assert make.made == 4
    pages.get("c", make)
    assert make.made == 5
    assert pages.size == 3 * page("1").size


def test_a_page_made_again_takes_its_room_once(
    pages: Store, pass_seconds: Callable[[float], None]
) -> None:
    make = Maker()
    for _ in range(3):
        pages.get("a", make)
        pass_seconds(601)

    assert pages.size == page("1").size


def test_without_seconds_nothing_is_kept(settings: Settings) -> None:
    settings.GUEST_PAGE_SECONDS = 0.0
    make = Maker()
    pages = Store()

    assert [text(pages.get("a", make)) for _ in range(3)] == ["1", "2", "3"]
