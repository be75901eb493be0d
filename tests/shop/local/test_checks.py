"""The system checks refuse unsafe settings before anything starts."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from shop import checks

# Only the check reads DATABASES; no connection is made with it.
pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")

SAFE_PRODUCTION: dict[str, Any] = {
    "PRODUCTION": True,
    "DEBUG": False,
    "SECRET_KEY": "a-long-random-value",
    "ALLOWED_HOSTS": ["shop.example.com"],
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "BROKER_IS_BUNDLED": False,
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_IS_SANDBOX": False,
    "STRIPE_WEBHOOK_SECRETS": ["whsec_own"],
    "STRIPE_API_BASE": "https://api.stripe.com",
    "STAFF_SECOND_FACTOR": "required",
}
SANDBOX = {"STRIPE_SECRET_KEY": "sk_test_sandbox", "STRIPE_IS_SANDBOX": True}


def refused(settings: Settings, **values: Any) -> list[str]:
    """Return the ids of the checks' messages under these settings, sorted."""
    for name, value in values.items():
        setattr(settings, name, value)
    found = [
        *checks.check_production(),
        *checks.check_second_factor(),
        *checks.check_stripe_keys(),
        *checks.check_numbers(),
        *checks.check_ways_to_pay(),
    ]
    assert all(message.hint for message in found), "every message says what to do"
    return sorted(str(message.id) for message in found)


def test_one_machine_without_any_setting_is_fine(settings: Settings) -> None:
    assert refused(settings) == []


def test_a_complete_production_is_fine(settings: Settings) -> None:
    assert refused(settings, **SAFE_PRODUCTION) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"SECRET_KEY": "local-only-key-refused-when-PRODUCTION-is-set"}, "shop.E001"),
        ({"DEBUG": True}, "shop.E002"),
        ({"ALLOWED_HOSTS": []}, "shop.E003"),
        ({"ALLOWED_HOSTS": ["127.0.0.1", "localhost", "[::1]"]}, "shop.E003"),
        ({"ALLOWED_HOSTS": ["*"]}, "shop.E003"),
        (
            {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}},
            "shop.E004",
        ),
        ({"BROKER_IS_BUNDLED": True}, "shop.E005"),
        ({**SANDBOX, "STRIPE_API_BASE": "http://127.0.0.1:8001"}, "shop.E006"),
        ({"STRIPE_SECRET_KEY": "pk_live_1"}, "shop.E010"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:8001"}, "shop.E011"),
        (
            {
                "STRIPE_SECRET_KEY": "sk_test_1",
                "STRIPE_API_BASE": "http://127.0.0.1:8001",
            },
            "shop.E011",
        ),
        ({"STRIPE_WEBHOOK_SECRETS": ["whsec_sandbox"]}, "shop.E012"),
    ],
)
def test_production_refuses(
    settings: Settings, change: dict[str, Any], expected: str
) -> None:
    assert refused(settings, **{**SAFE_PRODUCTION, **change}) == [expected]


def test_production_warns_of_staff_without_a_second_factor_but_starts(
    settings: Settings,
) -> None:
    lax = {**SAFE_PRODUCTION, "STAFF_SECOND_FACTOR": "optional"}

    assert refused(settings, **lax) == ["shop.W007"]
    assert not any(found.is_serious() for found in checks.check_second_factor())


def test_a_live_key_talks_to_stripe_alone_outside_production_too(
    settings: Settings,
) -> None:
    live = {
        "STRIPE_SECRET_KEY": "sk_live_1",
        "STRIPE_IS_SANDBOX": False,
        "STRIPE_WEBHOOK_SECRETS": ["whsec_own"],
    }

    assert refused(settings, **live) == ["shop.E011"]
    assert refused(settings, STRIPE_API_BASE="https://api.stripe.com/") == []


def test_a_test_key_may_talk_to_a_stand_in(settings: Settings) -> None:
    own = {"STRIPE_SECRET_KEY": "sk_test_own", "STRIPE_IS_SANDBOX": False}

    assert refused(settings, **own, STRIPE_WEBHOOK_SECRETS=["whsec_own"]) == []


@pytest.mark.parametrize(
    "change",
    [{"WORKERS": 0}, {"SAGA_LEASE": 0.0}, {"SWEEPER_INTERVAL": -1.0}],
)
def test_numbers_without_a_meaning_are_refused(
    settings: Settings, change: dict[str, float]
) -> None:
    assert refused(settings, **change) == ["shop.E020"]


@pytest.mark.parametrize(
    "server", [["gunicorn", "shop.wsgi"], ["celery", "-A", "shop", "worker"]]
)
def test_servers_started_by_hand_refuse_unsound_settings(
    server: list[str], tmp_path: Path
) -> None:
    environment = {**os.environ, "PRODUCTION": "true", "DATA_DIR": str(tmp_path)}
    environment["DJANGO_SETTINGS_MODULE"] = "shop.settings"
    done = subprocess.run(
        [sys.executable, "-m", *server],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "Not started:" in done.stderr
    assert "SECRET_KEY" in done.stderr


@pytest.mark.parametrize(
    "change",
    [
        {"PAYMENT_METHODS": []},
        {"PAYMENT_METHODS": ["card", "cheque"]},
        {"PAYMENT_METHODS": ["card", "konbini"], "CURRENCY": "USD"},
        {"KONBINI_DAYS": 0},
        {"KONBINI_DAYS": 61},
        {"CAPTURE": "never"},
    ],
)
def test_ways_to_pay_that_do_not_exist_are_refused(
    settings: Settings, change: dict[str, Any]
) -> None:
    assert refused(settings, **change) == ["shop.E030"]


def test_ways_to_pay_that_exist_are_fine(settings: Settings) -> None:
    methods = ["card", "konbini"]
    assert refused(settings, PAYMENT_METHODS=methods, CAPTURE="shipment") == []
