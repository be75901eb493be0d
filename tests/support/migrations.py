"""Old data: the tables as an earlier state of the program made them."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from pytest_django.fixtures import Settings


@contextmanager
def migrated_back_to(
    before: Sequence[tuple[str, str]], settings: Settings
) -> Iterator[Apps]:
    """Undo the migrations after ``before``. Yield the models as they were.

    Needs a test with ``transaction=True``. In the end all tables are those of now.
    """
    settings.MIGRATION_MODULES = {}
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    # The tests' tables are made from the models: as if all migrations had run.
    executor.recorder.ensure_schema()
    for name in executor.loader.graph.nodes:
        executor.recorder.record_applied(*name)
    executor = MigrationExecutor(connection)
    state = executor.migrate(list(before))
    yield state.apps
    MigrationExecutor(connection).migrate(leaves)
    executor.recorder.migration_qs.all().delete()


def migrate() -> None:
    """Apply all migrations that are missing."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def migrate_back(before: Sequence[tuple[str, str]]) -> Apps:
    """Undo the migrations after ``before``, within ``migrated_back_to``."""
    return MigrationExecutor(connection).migrate(list(before)).apps


def old_order(old: Apps, number: str) -> Any:
    """Create a charged order of three mugs with models of before."""
    order = old.get_model("orders", "Order").objects.create(
        number=number,
        checkout_key=uuid.uuid4(),
        language="en",
        currency="JPY",
        subtotal_minor=5400,
        shipping_minor=600,
        total_minor=6000,
        status="confirmed",
    )
    old.get_model("orders", "OrderLine").objects.create(
        order=order,
        sku="MUG",
        name="Morning mug",
        unit_minor=1800,
        quantity=3,
        tax_rate=10,
        currency="JPY",
    )
    old.get_model("orders", "Payment").objects.create(
        order=order,
        amount_minor=6000,
        currency="JPY",
        status="captured",
        captured_at=timezone.now(),
        captured_minor=6000,
    )
    return order
