"""A shop does not start with another currency than that of its goods."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest
from django.core.checks import run_checks
from django.db import connection
from pytest_django.fixtures import Settings

from shop.catalogue.checks import check_currency
from shop.catalogue.models import Variant
from tests.support.catalogue import make_product, make_variant
from tests.support.live import prepared
from tests.support.variables import settings_variables

ROOT = Path(__file__).parents[3]


@pytest.mark.both_databases
@pytest.mark.django_db
def test_goods_in_another_currency_are_refused_with_the_way_out(
    settings: Settings,
) -> None:
    make_variant(make_product(), "TEST-USD")
    assert check_currency() == []
    count = Variant.objects.count()
    settings.CURRENCY = "USD"

    (found,) = check_currency()

    assert found in run_checks(), "every process runs it"
    assert found.is_serious()
    assert found.msg.startswith(f"CURRENCY=USD, but {count} goods are priced in JPY")
    assert str(found.hint).startswith("Set CURRENCY=JPY. To sell in USD, ")


@pytest.mark.both_databases
@pytest.mark.django_db
def test_a_shop_without_goods_may_choose_its_currency(settings: Settings) -> None:
    settings.CURRENCY = "USD"

    assert check_currency() == []


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_no_connection_is_left_for_children_to_inherit() -> None:
    connection.close()

    check_currency()

    assert connection.connection is None


def start(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a process of a shop with these data and dollars."""
    clean = {k: v for k, v in os.environ.items() if k not in settings_variables()}
    environment = {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder),
    }
    if not folder.exists():
        copytree(prepared({**clean, **environment}), folder)
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**clean, **environment, "CURRENCY": "USD"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.long
def test_no_process_starts_with_data_of_another_currency(tmp_path: Path) -> None:
    for command in (
        ("-m", "gunicorn", "--preload", "shop.wsgi"),
        ("-m", "celery", "-A", "shop", "worker"),
        ("manage.py", "sweeper"),
        ("manage.py", "up"),
        ("manage.py", "check"),
    ):
        done = start(tmp_path / "data", *command)

        assert done.returncode != 0, command
        assert "CURRENCY=USD, but" in done.stderr, command
        assert "Set CURRENCY=JPY" in done.stderr, command
        assert "Traceback" not in done.stderr, command


@pytest.mark.long
def test_a_check_makes_no_database(tmp_path: Path) -> None:
    tmp_path.joinpath("data").mkdir()

    done = start(tmp_path / "data", "manage.py", "check")

    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "data").iterdir()) == []
