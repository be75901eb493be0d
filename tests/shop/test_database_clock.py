"""One clock: the database's. Where the code may ask another, and why."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from saga.models import Saga
from shop import database_clock
from tests.conftest import Clock

ROOT = Path(__file__).parents[2]
ROOMS = (
    *("backoffice", "checkout", "events", "inventory", "orders", "outgoing"),
    *("saga", "shop"),
)
# What asks the clock of this process. Where a time zone or a moment is given, the
# functions for local times only convert it.
CLOCKS = {
    "timezone.now",
    "timezone.localdate",
    "timezone.localtime",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "time.time",
    "time.time_ns",
}
CONVERTERS = {"timezone.localdate", "timezone.localtime"}
OF_DJANGO = {"auto_now", "auto_now_add"}
A_DAY = "a day of the calendar, by which people reckon; nothing waits for its seconds"
SHOWN = "shown to people and compared with nothing that another host decides"
ALLOWED = {
    "shop/database_clock.py": "the one place that decides whose clock it is",
    "saga/heartbeat.py": "compares this process's clock with the database's",
    "shop/formatting.py": SHOWN,
    "shop/catalogue/models/product.py": "a release of more than a day ago, or ahead",
    "shop/local/backups/copies.py": "the name of a copy on this host",
    "shop/catalogue/unused_pictures.py": "compared with files' times on this host",
    "shop/local/demo/load.py": "invents the past of the demo's products",
    "shop/customers/sessions.py": "how old a sign-in is: minutes, kept in the session",
    "shop/staff/sessions.py": "how old a session is: days, kept in the session",
    "shop/web/throttle.py": "how long a guesser is slowed down; kept in the cache",
    "shop/health/write_probe.py": "a row that is deleted at once",
    "shop/staff/adapters.py": "how long a sign-in is slowed down; stored by allauth",
    "checkout/payments/fake/gateway.py": "plays the provider, which has a clock too",
    "checkout/payments/fake/refunds_and_disputes.py": "plays the provider",
    "checkout/aftersales/shortages/offers.py": A_DAY,
    "checkout/placement/services.py": "the day within an order's number",
    "backoffice/admin/shortages/admin.py": A_DAY,
    "backoffice/admin/shortages/forms.py": A_DAY,
    "backoffice/admin/promotions/views.py": SHOWN,
    "backoffice/admin/reports/forms.py": A_DAY,
    "backoffice/admin/reports/views.py": A_DAY,
    "backoffice/admin/packing/labels/texts.py": A_DAY,
    "backoffice/admin/reconciliation/views.py": "the day within a file's name",
}


def sources() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def foreign_clocks(tree: ast.AST) -> Iterator[str]:
    """Yield what asks this process's clock, called or handed on as a default."""
    converting = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node.args
        and ast.unparse(node.func) in CONVERTERS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in converting:
            name = ".".join(ast.unparse(node).split(".")[-2:])
            if name in CLOCKS:
                yield name
        if isinstance(node, ast.keyword) and node.arg in OF_DJANGO:
            yield node.arg


def asks_another(source: str) -> bool:
    words = {name.rpartition(".")[2] for name in CLOCKS} | OF_DJANGO
    # Without any of the words there is no need to parse, which is what costs.
    return any(map(source.__contains__, words)) and any(
        foreign_clocks(ast.parse(source))
    )


def test_no_other_clock_is_asked() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in sources()
        if asks_another(path.read_text())
    }

    assert found == set(ALLOWED)


def test_no_field_begins_with_the_time_of_another_clock() -> None:
    # Of all models, those of modules too that may ask another clock for other things.
    found = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.split(".")[0] in ROOMS
        for field in model._meta.get_fields()
        if getattr(field, "default", None) in (timezone.now, timezone.localdate)
    }

    assert not found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("timezone.now()", ["timezone.now"]),
        ("Field(default=timezone.now)", ["timezone.now"]),
        ("datetime.datetime.now(UTC)", ["datetime.now"]),
        ("timezone.localdate()", ["timezone.localdate"]),
        ("timezone.localdate(order.placed_at)", []),
        ("Field(auto_now=True)", ["auto_now"]),
        ("time.monotonic()", []),
        ("database_clock.read()", []),
    ],
)
def test_the_search_finds_every_way_to_ask(code: str, expected: list[str]) -> None:
    assert list(foreign_clocks(ast.parse(code))) == expected


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_statement_and_a_reading_have_the_same_time(clock: Clock) -> None:
    saga = Saga.objects.create(definition="d", version=1, reference="R", step="a")
    clock.shift(61.5)
    Saga.objects.update(
        due_at=database_clock.Now(timedelta(days=-1)), sweep_at=database_clock.Now()
    )

    saga.refresh_from_db()

    assert saga.sweep_at == database_clock.read()
    assert saga.due_at == database_clock.read() - timedelta(days=1)


@pytest.mark.both_databases
@pytest.mark.django_db
def test_the_time_goes_on_within_a_transaction() -> None:
    # The fixture has opened one.
    Saga.objects.create(definition="d", version=1, reference="R", step="a")
    begun = Saga.objects.get().due_at

    Saga.objects.update(due_at=database_clock.Now())

    assert Saga.objects.get().due_at > begun


@pytest.mark.both_databases
@pytest.mark.django_db
def test_only_a_database_with_a_clock_is_asked_for_the_time(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(int(connection.vendor == "postgresql")):
        database_clock.read()


@pytest.mark.both_databases
@pytest.mark.django_db
def test_what_is_due_is_found_by_the_index() -> None:
    if not database_clock.has_own_clock(connection):
        pytest.skip("SQLite is given the time as a value")
    due = Saga.objects.live().filter(sweep_at__lte=database_clock.Now())
    with connection.cursor() as cursor:
        # So few rows would be read without any index.
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert "saga_sweep_idx" in due.order_by("sweep_at").explain()
