"""What every test stands on. The parts live in tests/ground/."""

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.utils import translation
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from tests.ground import scheduling
from tests.ground.browser import OpenPage, open_context, started_browser
from tests.ground.live import LiveStack
from tests.ground.network import stay_on_this_machine

# How the test itself went, for fixtures that tidy up after it.
REPORT = pytest.StashKey[pytest.TestReport]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-both-databases",
        action="store_true",
        help="run only tests marked both_databases (the run on PostgreSQL)",
    )


def pytest_configure(config: pytest.Config) -> None:
    stay_on_this_machine()


# Last, for pytest-django sorts as well.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    if config.getoption("--only-both-databases"):
        chosen = [item for item in items if item.get_closest_marker("both_databases")]
        left = [item for item in items if item not in set(chosen)]
        config.hook.pytest_deselected(items=left)
        items[:] = chosen
    # The long ones first: whoever is done early takes short ones.
    items.sort(key=lambda item: scheduling.turn(item.nodeid) is None)
    for item in items:
        if item.get_closest_marker("stripe_live") and not stripe_key():
            reason = "STRIPE_TEST_SECRET_KEY is not set: not verified against Stripe"
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Any
) -> scheduling.ProcessesTogether:
    return scheduling.ProcessesTogether(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    # Parallel test processes share the folder; the one that started them removes it.
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
    """Begin in English: a request in Japanese leaves its language to its thread."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def pages_know_nothing() -> None:
    """Forget what the pages of the test before have kept to tell."""
    caches["pages"].clear()


@pytest.fixture
def mail_dir(tmp_path: Path) -> Iterator[Path]:
    """Mails as files, one a mail, as the shop writes them without a mail server."""
    before = settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    yield tmp_path / "mail"
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = before


@pytest.fixture
def live_stack(
    request: pytest.FixtureRequest,
    live_stack_processes: LiveStack,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[LiveStack]:
    """The real processes, all healthy, and Django here on *their* database.

    Each folder of tests/ground/scheduling.py starts its own: ``live_stack_processes``.
    """
    stack = live_stack_processes
    stack.restore()
    with django_db_blocker.unblock(), stack.as_database():
        yield stack
    report = request.node.stash.get(REPORT, None)
    if report is not None and report.failed:
        report.sections.append(("log of manage.py up", stack.last_log_lines()))
    stack.restore()


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
    """Open a customer's page: ``open_page(width=360, language="ja")``."""
    contexts = []

    def open_one(**options: Any) -> Page:
        context = open_context(browser, **options)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
