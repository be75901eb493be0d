"""Fixtures and hooks of all tests. Their parts are in tests/support/."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.cache import caches
from django.utils import translation
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from checkout.payments.fake.gateway import FakeGateway
from checkout.payments.gateway import get_gateway
from shop.catalogue.models import Product
from shop.page_cache.store import PAGES
from tests.support import scheduling
from tests.support.browser import OpenPage, open_context, started_browser
from tests.support.catalogue import make_product
from tests.support.chat import Chat, listening_chat
from tests.support.clock import stopped_clock
from tests.support.cost import Meter
from tests.support.live import LiveStack
from tests.support.live_invariants import assert_invariants
from tests.support.network import stay_on_this_machine
from tests.support.sandbox_control import clear_faults
from tests.support.strict_columns import refuse_like_postgresql

Clock = time_machine.Traveller
# The report of the test's call, for fixtures that clean up after it.
REPORT = pytest.StashKey[pytest.TestReport]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-both-databases",
        action="store_true",
        help="run only tests marked both_databases (the run on PostgreSQL)",
    )


def pytest_configure(config: pytest.Config) -> None:
    stay_on_this_machine()
    refuse_like_postgresql()
    config.pluginmanager.register(Meter())


# Last, because pytest-django sorts, too.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    if config.getoption("--only-both-databases"):
        chosen = [item for item in items if item.get_closest_marker("both_databases")]
        left = [item for item in items if item not in set(chosen)]
        config.hook.pytest_deselected(items=left)
        items[:] = chosen
    items.sort(key=lambda item: scheduling.place(item.nodeid))
    for item in items:
        if item.get_closest_marker("stripe_live") and not stripe_key():
            reason = "STRIPE_TEST_SECRET_KEY is not set: not verified against Stripe"
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """Keep the collector from reading modules and tests again and again: they stay."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Any
) -> scheduling.ProcessesTogether:
    return scheduling.ProcessesTogether(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    # Parallel test processes share the folder; their parent process removes it.
    if "PYTEST_XDIST_WORKER" not in os.environ and "TODOKU_TESTS" in os.environ:
        shutil.rmtree(os.environ["TODOKU_TESTS"], ignore_errors=True)


def stripe_key() -> str:
    return os.environ.get("STRIPE_TEST_SECRET_KEY", "")


@pytest.fixture
def stripe_test_key() -> str:
    """A secret key of Stripe's test mode; only for tests marked stripe_live."""
    return stripe_key()


@pytest.fixture(autouse=True)
def source_language() -> Iterator[None]:
    """Activate English: a request in Japanese leaves its language in its thread."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def empty_page_cache() -> None:
    """Empty the caches of pages, which an earlier test may have filled."""
    caches["pages"].clear()
    PAGES.clear()


@pytest.fixture
def kept_pages(settings: Settings) -> float:
    """Keep pages for guests, for longer than any test takes. Return the seconds."""
    settings.GUEST_PAGE_SECONDS = 600.0
    return 600.0


@pytest.fixture
def gateway(settings: Settings) -> Iterator[FakeGateway]:
    """The payment provider in memory; the shop is configured to use it."""
    settings.PAYMENT_GATEWAY = "checkout.payments.fake.gateway.FakeGateway"
    get_gateway.cache_clear()
    yield cast("FakeGateway", get_gateway())
    get_gateway.cache_clear()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that stops at 2030-01-01, and moves by ``clock.shift(seconds)``."""
    with stopped_clock() as clock:
        yield clock


@pytest.fixture
def media_dir(tmp_path: Path, settings: Settings) -> Path:
    """The test's own folder of pictures."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def mug(db: None) -> Product:
    """Ten mugs, MUG-01, at 1,800 yen."""
    return make_product()


@pytest.fixture
def tea(db: None) -> Product:
    """Ten packets of tea, TEA-01, at 700 yen and 8 % tax."""
    return make_product(
        "tea",
        skus=("TEA-01",),
        price_minor=700,
        tax_rate=8,
        name_en="Studio Tea",
        name_ja="スタジオ茶",
        pictures=0,
    )


@pytest.fixture
def mail_dir(tmp_path: Path) -> Iterator[Path]:
    """The folder into which the shop writes mails, one file each."""
    before = django_settings.EMAIL_BACKEND, django_settings.EMAIL_FILE_PATH
    django_settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    django_settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    yield tmp_path / "mail"
    django_settings.EMAIL_BACKEND, django_settings.EMAIL_FILE_PATH = before


@pytest.fixture
def live_stack(
    request: pytest.FixtureRequest,
    live_stack_processes: LiveStack,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[LiveStack]:
    """The real processes, all healthy. Django in this process uses *their* database.

    Each folder of tests/support/scheduling.py starts its own processes, by
    ``live_stack_fixture`` in its conftest.
    """
    stack = live_stack_processes
    stack.restore()
    with django_db_blocker.unblock(), stack.as_database():
        yield stack
    report = request.node.stash.get(REPORT, None)
    if report is not None and report.failed:
        report.sections.append(("log of manage.py up", stack.last_log_lines()))
    stack.restore()


@pytest.fixture
def shop(live_stack: LiveStack) -> Iterator[LiveStack]:
    """A healthy shop. Afterwards it is repaired and the five invariants are checked."""
    yield live_stack
    clear_faults(live_stack)
    live_stack.restore()
    assert_invariants(live_stack)


@pytest.fixture(scope="session")
def chat() -> Iterator[Chat]:
    """The chat to which a live stack sends its alerts."""
    with listening_chat() as chat:
        yield chat


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with started_browser() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open a page of a new customer: ``open_page(width=360, language="ja")``."""
    contexts = []

    def open_one(**options: Any) -> Page:
        context = open_context(browser, **options)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
