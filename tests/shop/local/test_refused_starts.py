"""No process of the shop starts with settings that cannot be meant."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.variables import settings_variables
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[3]


MUTE = {
    "PRODUCTION": "true",
    "SECRET_KEY": "0123456789" * 6,
    "ALLOWED_HOSTS": "shop.example.com",
    "DATABASE_URL": "postgres://shop@127.0.0.1:1/shop",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_own",
}


SERVERS = {
    "web": ["-m", "gunicorn", "--preload", "shop.wsgi"],
    "web, each worker by itself": ["-m", "gunicorn", "shop.wsgi"],
    "worker": ["-m", "celery", "-A", "shop", "worker"],
    "sweeper": ["manage.py", "sweeper"],
    "up": ["manage.py", "up"],
    "check --deploy": ["manage.py", "check", "--deploy"],
}


def shop_environment() -> dict[str, str]:
    """Return our environment without any setting of a shop."""
    clean = {k: v for k, v in os.environ.items() if k not in settings_variables()}
    return {
        **clean,
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "ENV_FILE": os.devnull,
    }


def start(server: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start a process of the shop that is expected to refuse it."""
    return subprocess.run(
        [sys.executable, *SERVERS[server]],
        cwd=ROOT,
        env={**shop_environment(), **variables},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.parametrize("server", SERVERS)
def test_no_process_of_a_production_starts_mute(server: str, tmp_path: Path) -> None:
    done = start(server, **MUTE, DATA_DIR=str(tmp_path))

    assert done.returncode != 0
    for name in ("EMAIL_URL", "ALERT_EMAILS", "SITE_URL", "DEFAULT_FROM_EMAIL"):
        assert f"Set {name} to" in done.stderr or f"Set {name}," in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "server", ["web", "web, each worker by itself", "worker", "sweeper"]
)
def test_no_process_starts_with_a_value_without_meaning(
    server: str, tmp_path: Path
) -> None:
    done = start(server, SAGA_LEASE="-1", WORKERS="many", DATA_DIR=str(tmp_path))

    assert done.returncode != 0
    assert 'SAGA_LEASE="-1" is not a number from 1 to 3600.' in done.stderr
    assert 'WORKERS="many" is not a whole number from 1 to 1024.' in done.stderr
    assert "Traceback" not in done.stderr


def test_the_sweeper_outlasts_a_database_that_is_away_without_a_trace(
    tmp_path: Path,
) -> None:
    away = {"DATABASE_URL": "postgres://shop@127.0.0.1:1/shop"}
    log = tmp_path / "log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            [sys.executable, "manage.py", "sweeper"],
            cwd=ROOT,
            env={**shop_environment(), **away, "DATA_DIR": str(tmp_path)},
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            wait_until(
                lambda: log.read_text().count("could not sweep") > 1,
                "two sweeps",
                seconds=120,
            )
            assert process.poll() is None
        finally:
            process.terminate()

    assert "Start it, or correct DATABASE_URL." in log.read_text()
    assert "Traceback" not in log.read_text()


def test_a_folder_that_cannot_be_written_is_named_by_every_command(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()

    done = start("up", DATA_DIR=str(tmp_path / "file"))

    assert done.returncode == 1
    assert "Name another one with DATA_DIR=/path/to/folder" in done.stderr
    assert "Traceback" not in done.stderr
