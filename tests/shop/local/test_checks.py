"""The system checks refuse unsafe settings before anything starts."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from shop import checks
from shop.local import loop_threads

# Only the check reads DATABASES; no connection is made with it.
pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
ROOT = Path(__file__).parents[3]
MAILS = "django.core.mail.backends"
SMTP = "shop.outbound.mail_backend.EmailBackend"

SAFE_PRODUCTION: dict[str, Any] = {
    "PRODUCTION": True,
    "DEBUG": False,
    "SECRET_KEY": "a-long-random-value",
    "ALLOWED_HOSTS": ["shop.example.com"],
    "SITE_URL": "https://shop.example.com",
    "DATA_DIR": Path("/srv/shop"),
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "BROKER_IS_BUNDLED": False,
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_1",
    "STRIPE_IS_SANDBOX": False,
    "STRIPE_WEBHOOK_SECRETS": ["whsec_own"],
    "STRIPE_API_BASE": "https://api.stripe.com",
    "STRIPE_JS_URL": "https://js.stripe.com/v3/",
    "STAFF_SECOND_FACTOR": "required",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DEFAULT_FROM_EMAIL": "shop@shop.example.com",
    "ALERT_EMAILS": ["staff@shop.example.com"],
    "RUNBOOK_URL": "https://wiki.example.com/README.md",
    "TRUSTED_PROXIES": 1,
}
SANDBOX = {
    "STRIPE_SECRET_KEY": "sk_test_sandbox",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_sandbox",
    "STRIPE_IS_SANDBOX": True,
}


def refused(settings: Settings, **values: Any) -> list[str]:
    """Return the ids of the checks' messages under these settings, sorted."""
    for name, value in values.items():
        setattr(settings, name, value)
    found = [
        *checks.production.check_production(),
        *checks.payments.check_stripe_keys(),
        *checks.payments.check_ways_to_pay(),
        *checks.relations.check_relations(),
        *checks.customers.check_issuer(),
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
        ({"ALLOWED_HOSTS": ["*"]}, "shop.E003"),
        (
            {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}},
            "shop.E004",
        ),
        ({"BROKER_IS_BUNDLED": True}, "shop.E005"),
        ({"EMAIL_BACKEND": f"{MAILS}.filebased.EmailBackend"}, "shop.E007"),
        ({"EMAIL_BACKEND": f"{MAILS}.console.EmailBackend"}, "shop.E007"),
        ({"ALERT_EMAILS": []}, "shop.E008"),
        ({"SITE_URL": "http://127.0.0.1:8000"}, "shop.E009"),
        ({"SITE_URL": "http://shop.example.com"}, "shop.E009"),
        ({"SITE_URL": "https://[::1]"}, "shop.E009"),
        ({"SITE_URL": "https://other.example.com"}, "shop.E009"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:8001"}, "shop.E011"),
        ({"STRIPE_WEBHOOK_SECRETS": ["whsec_sandbox"]}, "shop.E012"),
        ({"DEFAULT_FROM_EMAIL": "shop@minato-tv.example"}, "shop.E013"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_test_1"}, "shop.E016"),
        ({"STRIPE_JS_URL": "http://127.0.0.1:8001/v3/"}, "shop.E015"),
    ],
)
def test_production_refuses(
    settings: Settings, change: dict[str, Any], expected: str
) -> None:
    assert refused(settings, **{**SAFE_PRODUCTION, **change}) == [expected]


@pytest.mark.parametrize("hosts", [[], ["127.0.0.1", "localhost", "[::1]"]])
def test_production_refuses_hosts_that_leave_the_shop_without_an_address(
    settings: Settings, hosts: list[str]
) -> None:
    mute = {**SAFE_PRODUCTION, "ALLOWED_HOSTS": hosts}

    assert refused(settings, **mute) == ["shop.E003", "shop.E009"]


def test_production_refuses_the_sandbox(settings: Settings) -> None:
    sandbox = {
        **SAFE_PRODUCTION,
        **SANDBOX,
        "STRIPE_API_BASE": "http://127.0.0.1:8001",
        "STRIPE_JS_URL": "http://127.0.0.1:8001/v3/",
    }

    assert refused(settings, **sandbox) == ["shop.E006"]


TEST_MODE = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_PUBLISHABLE_KEY": "pk_test_1"}
SHOWN_SANDBOX = {
    **SANDBOX,
    "STRIPE_API_BASE": "http://127.0.0.1:8001",
    "STRIPE_JS_URL": "https://stripe.staging.example.com/v3/",
}


@pytest.mark.parametrize("provider", [TEST_MODE, SHOWN_SANDBOX])
def test_a_rehearsal_is_production_in_all_but_the_provider(
    settings: Settings, provider: dict[str, Any]
) -> None:
    rehearsal = {**SAFE_PRODUCTION, **provider, "STAGING": True}

    assert refused(settings, **rehearsal) == []
    assert refused(settings, SECRET_KEY=settings.LOCAL_SECRET_KEY) == ["shop.E001"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (TEST_MODE, ["shop.E017"]),
        ({"STAGING": True}, ["shop.E070"]),
        (
            {"STAGING": True, **TEST_MODE, "STRIPE_PUBLISHABLE_KEY": "pk_live_1"},
            ["shop.E016", "shop.E070"],
        ),
        ({"STAGING": True, **TEST_MODE, "PRODUCTION": False}, ["shop.E071"]),
        (
            {"STAGING": True, **SHOWN_SANDBOX, "STRIPE_JS_URL": "http://h/v3/"},
            ["shop.E072"],
        ),
    ],
)
def test_a_rehearsal_and_real_money_are_never_mixed(
    settings: Settings, change: dict[str, Any], expected: list[str]
) -> None:
    assert refused(settings, **{**SAFE_PRODUCTION, **change}) == expected


def test_alerts_may_go_to_the_chat_alone(settings: Settings) -> None:
    chat = {"ALERT_EMAILS": [], "ALERT_CHAT_WEBHOOK_URL": "https://chat.example/1"}

    assert refused(settings, **{**SAFE_PRODUCTION, **chat}) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"STAFF_SECOND_FACTOR": "optional"}, "shop.W007"),
        ({"RUNBOOK_URL": "docs/operations/README.md"}, "shop.W018"),
        ({"DATA_DIR": ROOT / "var"}, "shop.W019"),
        ({"TRUSTED_PROXIES": 0}, "shop.W034"),
    ],
)
def test_production_warns_of_but_starts_with(
    settings: Settings, change: dict[str, Any], expected: str
) -> None:
    assert refused(settings, **{**SAFE_PRODUCTION, **change}) == [expected]
    assert not any(
        found.is_serious()
        for check in (
            checks.production.check_production,
            checks.payments.check_stripe_keys,
            checks.relations.check_relations,
        )
        for found in check()
    )


def test_a_live_key_talks_to_stripe_alone_outside_production_too(
    settings: Settings,
) -> None:
    live = {
        "STRIPE_SECRET_KEY": "sk_live_1",
        "STRIPE_PUBLISHABLE_KEY": "pk_live_1",
        "STRIPE_IS_SANDBOX": False,
        "STRIPE_WEBHOOK_SECRETS": ["whsec_own"],
    }

    assert refused(settings, **live) == ["shop.E011", "shop.E015"]
    stripe = {
        "STRIPE_API_BASE": "https://api.stripe.com",
        "STRIPE_JS_URL": "https://js.stripe.com/v3/",
    }
    assert refused(settings, **stripe) == []


def test_a_test_key_may_talk_to_a_stand_in(settings: Settings) -> None:
    own = {
        "STRIPE_SECRET_KEY": "sk_test_own",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_own",
        "STRIPE_IS_SANDBOX": False,
    }

    assert refused(settings, **own, STRIPE_WEBHOOK_SECRETS=["whsec_own"]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"STRIPE_PUBLISHABLE_KEY": "pk_test_own"},
        {
            "STRIPE_SECRET_KEY": "sk_test_own",
            "STRIPE_IS_SANDBOX": False,
            "STRIPE_WEBHOOK_SECRETS": ["whsec_own"],
        },
    ],
)
def test_one_key_of_a_pair_is_refused(
    settings: Settings, change: dict[str, Any]
) -> None:
    assert refused(settings, **change) == ["shop.E014"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"SAGA_LEASE": 5.0, "STRIPE_TIMEOUT": 15.0}, "shop.E020"),
        ({"SAGA_LEASE": 29.0, "STRIPE_TIMEOUT": 15.0}, "shop.E020"),
        ({"RECONCILE_HOURS": 48.0, "RECONCILE_DAYS": 1.0}, "shop.E021"),
        (
            {
                "PAYMENT_METHODS": ["card", "konbini"],
                "RECONCILE_DAYS": 3.0,
                "KONBINI_DAYS": 3,
            },
            "shop.E023",
        ),
        ({"SECURE_HSTS_PRELOAD": True}, "shop.E022"),
        (
            {
                "SECURE_HSTS_PRELOAD": True,
                "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
                "HSTS_SECONDS": 3600,
            },
            "shop.E022",
        ),
        ({"PAYMENT_METHODS": ["card", "konbini"], "CURRENCY": "USD"}, "shop.E030"),
        (
            {"SAGA_LEASE": 19.0, "STRIPE_TIMEOUT": 5.0, "EMAIL_BACKEND": SMTP},
            "shop.E024",
        ),
        ({"CAPTURE": "shipment", "RECONCILE_DAYS": 7.0}, "shop.E026"),
        ({"SAGA_HISTORY_DAYS": 13, "RECONCILE_DAYS": 14.0}, "shop.E028"),
    ],
)
def test_values_that_do_not_fit_together_are_refused(
    settings: Settings, change: dict[str, Any], expected: str
) -> None:
    assert refused(settings, **change) == [expected]


@pytest.mark.parametrize(
    "change",
    [
        {"SAGA_LEASE": 30.0, "STRIPE_TIMEOUT": 15.0},
        {"RECONCILE_HOURS": 24.0, "RECONCILE_DAYS": 1.0},
        {"SECURE_HSTS_PRELOAD": True, "SECURE_HSTS_INCLUDE_SUBDOMAINS": True},
        {"PAYMENT_METHODS": ["card", "konbini"], "CAPTURE": "shipment"},
        {"SAGA_LEASE": 20.0, "STRIPE_TIMEOUT": 5.0, "EMAIL_BACKEND": SMTP},
        {"CAPTURE": "shipment", "RECONCILE_DAYS": 8.0},
        {"SAGA_HISTORY_DAYS": 14, "RECONCILE_DAYS": 14.0},
        {"SAGA_HISTORY_DAYS": 0},
        {"HOLD_MINUTES": 5.0, "DECLINED_HOLD_MINUTES": 5.0},
        {"HOLD_MINUTES": 1.0, "DECLINED_HOLD_MINUTES": 1.0, "SAGA_LEASE": 60.0},
        {"UNPAID_HOLD_PERCENT": 20, "UNPAID_HOLD_PERCENT_PER_ADDRESS": 20},
        {"CARDS_PER_HOUR": 20, "CARD_TRIES_PER_HOUR": 20},
        {"CARDS_PER_HOUR": 0, "CARD_TRIES_PER_HOUR": 20},
        {"CARD_TRIES": 5, "CARD_TRIES_PER_HOUR": 5},
        {"CARD_TRIES": 5, "CARD_TRIES_PER_HOUR": 0},
        {"BREAKER_FAILURES": 9, "SAGA_MAX_ATTEMPTS": 5},
        {"SITE_URL": "http://shop.lan:8000", "ALLOWED_HOSTS": ["shop.lan"]},
    ],
)
def test_values_that_just_fit_together_are_fine(
    settings: Settings, change: dict[str, Any]
) -> None:
    assert refused(settings, **change) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"HOLD_MINUTES": 4.0, "DECLINED_HOLD_MINUTES": 5.0}, "shop.W024"),
        ({"HOLD_MINUTES": 0.5, "DECLINED_HOLD_MINUTES": 0.5}, "shop.W025"),
        (
            {"UNPAID_HOLD_PERCENT": 10, "UNPAID_HOLD_PERCENT_PER_ADDRESS": 11},
            "shop.W032",
        ),
        ({"CARDS_PER_HOUR": 19, "CARD_TRIES_PER_HOUR": 20}, "shop.W029"),
        ({"CARD_TRIES": 6, "CARD_TRIES_PER_HOUR": 5}, "shop.W031"),
        ({"BREAKER_FAILURES": 10, "SAGA_MAX_ATTEMPTS": 5}, "shop.W036"),
        ({"SITE_URL": "http://shop.lan:8000"}, "shop.W033"),
    ],
)
def test_a_shop_warns_of_values_without_effect_and_starts(
    settings: Settings, change: dict[str, Any], expected: str
) -> None:
    assert refused(settings, **change) == [expected]
    assert not any(found.is_serious() for found in checks.relations.check_relations())


@pytest.mark.both_databases
@pytest.mark.django_db
def test_more_threads_than_connections_are_named(settings: Settings) -> None:
    settings.WORKERS = 1_024
    check = checks.connections.check_connections

    found = check(databases=["default"])

    expected = ["shop.W035"] if connection.vendor == "postgresql" else []
    assert [message.id for message in found] == expected
    # Without that tag no check may use the database.
    assert check(databases=None) == []


def test_the_connections_of_one_worker_just_suffice(settings: Settings) -> None:
    settings.WORKERS = 24

    assert checks.connections.connection_rule(59).broken
    assert not checks.connections.connection_rule(60).broken


def test_the_threads_of_the_web_server_are_counted_right() -> None:
    conf = runpy.run_path(str(ROOT / "gunicorn.conf.py"))

    assert conf["workers"] == checks.connections.WEB_PROCESSES
    assert loop_threads.MOST_THREADS == checks.connections.WEB_THREADS
