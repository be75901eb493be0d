"""No migration keeps a running shop waiting, unless a reason stands here."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from pytest_django.fixtures import Settings

from shop.database.online_operations import (
    AddCheckOnline,
    AddIndexOnline,
    ValidateOnline,
)
from tests.support import migration_locks as locks
from tests.support.migration_locks import findings

# The last of each application before the first release. No shop with many rows has been
# migrated by those up to here, and on empty tables they take a moment.
BEFORE_THE_FIRST_RELEASE = {
    "backoffice": 6,
    "catalogue": 16,
    "checkout": 36,
    "customers": 1,
    "events": 4,
    "flows": 4,
    "inventory": 7,
    "local": 0,
    "orders": 40,
    "outgoing": 1,
    "pages": 1,
    "profile": 4,
    "saga": 7,
    "staff": 2,
}
# (application, migration) -> why the running shop may wait for it.
ALLOWED: dict[tuple[str, str], str] = {
    ("checkout", "0038_country_taxes"): (
        "A shop has a few countries. Of the sales figures only their consumer waits, "
        "and tries again."
    ),
}


def numbered(name: str) -> int:
    return int(name[:4])


def test_no_migration_since_the_first_release_keeps_the_shop_waiting(
    settings: Settings,
) -> None:
    # Where the tests' tables are made from the models, there are no migrations.
    settings.MIGRATION_MODULES = {}
    ours = {
        config.label
        for config in apps.get_app_configs()
        if "site-packages" not in config.path
    }
    graph = MigrationLoader(None).graph
    state = ProjectState()
    found: dict[tuple[str, str], list[str]] = {}
    for key in graph._generate_plan(graph.leaf_nodes(), at_end=True):
        app, name = key
        migration = graph.nodes[key]
        last = BEFORE_THE_FIRST_RELEASE.get(app, 0)
        if app in ours and numbered(name) > last:
            found |= {key: what} if (what := findings(migration, state)) else {}
        state = migration.mutate_state(state, preserve=False)

    unexplained = {key: what for key, what in found.items() if key not in ALLOWED}
    assert not unexplained, (
        "Change these as docs/how-to/migration.md says, or add them to ALLOWED with "
        f"why customers may wait: {unexplained}"
    )
    assert set(ALLOWED) <= set(found), "these need no reason any more"
    assert set(BEFORE_THE_FIRST_RELEASE) == {app for app, _ in graph.nodes} & ours


def index(name: str = "by_name") -> models.Index:
    return models.Index(fields=["name"], name=name)


def positive() -> models.CheckConstraint:
    return models.CheckConstraint(condition=models.Q(size__gte=0), name="positive")


def one() -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["name"], name="one")


def add(**options: Any) -> migrations.AddField:
    return migrations.AddField("mug", "more", models.CharField(max_length=9, **options))


def alter(name: str, field: Any) -> migrations.AlterField:
    return migrations.AlterField("mug", name, field)


def nothing(_apps: object, _editor: object) -> None:
    """Stand for a change of rows."""


ROWS = migrations.RunPython(nothing)
SHELF: Any = models.ForeignKey("tea.Shelf", models.CASCADE)
CREATED = migrations.CreateModel("cup", [("id", models.BigAutoField(primary_key=True))])


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([migrations.AddIndex("mug", index())], [locks.INDEX]),
        ([AddIndexOnline("mug", index())], [locks.IN_TRANSACTION]),
        ([migrations.AddConstraint("mug", positive())], [locks.CHECK]),
        ([migrations.AddConstraint("mug", one())], [locks.UNIQUE]),
        ([AddCheckOnline("mug", positive())], []),
        ([ValidateOnline("mug", "positive")], []),
        (
            [AddCheckOnline("mug", positive()), ValidateOnline("mug", "positive")],
            [locks.TOO_EARLY],
        ),
        ([add(default="")], []),
        ([add(default="", db_index=True)], [locks.INDEX]),
        ([add(null=True, unique=True)], [locks.UNIQUE]),
        (
            [migrations.AddField("mug", "shelf", SHELF)],
            [locks.FOREIGN, locks.INDEX],
        ),
        ([alter("name", models.CharField(max_length=20, null=True))], []),
        ([alter("name", models.TextField(null=True))], []),
        ([alter("name", models.CharField(max_length=5, null=True))], [locks.REWRITE]),
        ([alter("name", models.CharField(max_length=10))], [locks.NOT_NULL]),
        ([alter("size", models.BigIntegerField())], [locks.REWRITE]),
        ([alter("size", models.IntegerField(db_index=True))], [locks.INDEX]),
        ([alter("size", models.IntegerField(help_text="in millilitres"))], []),
        ([ROWS], [locks.ROWS]),
        ([ROWS, add(default="")], [locks.MIXED]),
        ([migrations.RenameField("mug", "size", "volume")], [locks.RENAMED]),
        ([migrations.RemoveField("mug", "size")], []),
        ([CREATED, migrations.AddIndex("cup", index())], []),
    ],
)
def test_the_rules_know_what_each_operation_does(
    operations: list[Any], expected: list[str]
) -> None:
    state = ProjectState()
    state.add_model(
        ModelState(
            "tea",
            "Mug",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=10, null=True)),
                ("size", models.IntegerField()),
            ],
        )
    )
    migration = type("Migration", (migrations.Migration,), {"operations": operations})(
        "0002_more", "tea"
    )

    assert [what.split(": ", 1)[1] for what in findings(migration, state)] == expected


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_online_operations_make_and_remove_what_the_ordinary_ones_do() -> None:
    before = ProjectState()
    before.add_model(
        ModelState(
            "orders",
            "Teapot",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=10)),
                ("size", models.IntegerField()),
            ],
        )
    )
    steps = [
        AddIndexOnline("teapot", index("teapot_by_name")),
        AddCheckOnline("teapot", positive()),
        ValidateOnline("teapot", "positive"),
    ]
    model = before.apps.get_model("orders", "Teapot")
    with connection.schema_editor() as editor:
        editor.create_model(model)
    try:
        states = [before]
        for step in steps:
            after = states[-1].clone()
            step.state_forwards("orders", after)
            with connection.schema_editor(atomic=False) as editor:
                step.database_forwards("orders", editor, states[-1], after)
            states.append(after)
        assert {"teapot_by_name", "positive"} <= constraints("orders_teapot")

        for step, state, earlier in reversed(
            list(zip(steps, states[1:], states, strict=False))
        ):
            with connection.schema_editor(atomic=False) as editor:
                step.database_backwards("orders", editor, state, earlier)
        assert not {"teapot_by_name", "positive"} & constraints("orders_teapot")
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(model)


def constraints(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, table))
