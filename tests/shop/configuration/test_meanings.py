"""Every setting says what it may be: values that cannot be meant are refused."""

import ast
import re
from collections.abc import Mapping

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from shop.configuration.environment import Environment
from shop.configuration.meanings import MEANINGS
from tests.support.variables import SETTINGS, settings_variables

NUMBERS = ("", "abc", "nan", "inf", "1e9", "1_0", "\uff11\uff10", "10s", "0x10", "-1")
WHOLE = (*NUMBERS, "2.5")
SWITCH = ("ture", "enabled", "2", "-")
WEB_URL = ("ftp://x", "https://", "shop.example.com", "http://a b", "https://h:99999")
ORIGIN = (*WEB_URL, "https://h/path", "https://h?q=1", "https://me@h", "https://h_h,i")
# Too short, no base64, without its prefix.
WAREHOUSE_SECRET = ("whsec_", "whsec_c2hvcnQ=", f"whsec_{'é' * 40}", "a" * 40)
BROKER = (
    *("", "http://localhost", "redis://", "redis://h:abc/0", "redis://h/first"),
    *("redis+socket://", "amqp://", "amqp://h:0/", "kafka://h", "sentinel://h/one"),
    *("redis://a;redis://b", "amqp://a;redis://b", "amqp://a;", "sentinel://a;b"),
    *("redis://h?ssl_ca_certs=x", "amqps://h?ssl=1", "rediss://h?db=1"),
)
STRIPE = ("", "sk", "sk_test_", "pk_prod_1", "sk_live_1 2", "sk_live_\uff11")

# Setting -> values that nobody can mean. A new setting has to find its place here.
ABSURD: Mapping[str, tuple[str, ...]] = {
    "ACCOUNTING_EMAILS": ("notmail", "a@b", "a@example.com b@example.com"),
    "ALERT_CHAT_WEBHOOK_URL": WEB_URL,
    "ALERT_EMAILS": ("notmail", "a@b", "a@example.com b@example.com", "@example.com"),
    "API_INTROSPECTION": SWITCH,
    "API_ORIGINS": ORIGIN,
    "API_POINTS_PER_MINUTE": (*WHOLE, "1000000001"),
    "ALERT_WINDOW": (*NUMBERS, "86401"),
    "ALLOWED_HOSTS": ("", ",", "https://h.example", "h.example:443", "h/x", "a b"),
    "BREAKER_FAILURES": (*WHOLE, "0", "1000001"),
    "BREAKER_PAUSE": (*NUMBERS, "0", "61"),
    "CAPTURE": ("", "never", "Shipment"),
    "CAPTURE_WARNING_HOURS": (*NUMBERS, "0", "168"),
    "CARDS_DECLINED_ALERT": (*WHOLE, "1000001"),
    "CARDS_PER_HOUR": (*WHOLE, "1000001"),
    "CARD_TRIES": (*WHOLE, "0", "101"),
    "CARD_TRIES_PER_HOUR": (*WHOLE, "1000001"),
    "CSRF_TRUSTED_ORIGINS": ORIGIN,
    "CURRENCY": ("", "YENN", "XXX", "XAU", "¥", "yen"),
    "DATABASE_URL": (
        *("", "abc", "foo://x", "mysql://a:b@h/shop", "oracle://h/shop", "postgres://"),
        *("postgres://h:abc/shop", "sqlite://", "postgres://[h/shop"),
    ),
    **dict.fromkeys(
        (
            "DATABASE_IDLE_TIMEOUT",
            "DATABASE_LOCK_TIMEOUT",
            "DATABASE_STATEMENT_TIMEOUT",
        ),
        (
            *NUMBERS,
            *("86401", "web=1", "web=1,worker=1,sweeper=1,command=x"),
            *("web=1,worker=1,sweeper=1,cron=1", "web=1,web=1,worker=1,sweeper=1"),
            "web=1,worker=1,sweeper=1,command=1,command=2",
        ),
    ),
    "DATA_DIR": ("", " "),
    "DEBUG": SWITCH,
    "DEMO": SWITCH,
    "DECLINED_HOLD_MINUTES": (*NUMBERS, "0", "1441"),
    "DEFAULT_FROM_EMAIL": ("", "shop", "Shop <shop>", "a@b.example\nBcc: c@d.example"),
    "EMAIL_URL": (
        *("", "xyz", "smtp://", "smtp://h:port", "http://mail.example.com"),
        "smtp+tls://user:password@",
    ),
    "ENV_FILE": ("", " "),
    "FURIGANA": ("", "yes", "Required"),
    "GIFT_WRAPPING": SWITCH,
    "HOLD_MINUTES": (*NUMBERS, "0", "1000000000"),
    "HSTS_PRELOAD": SWITCH,
    "HSTS_SECONDS": (*WHOLE, "63072001"),
    "HSTS_SUBDOMAINS": SWITCH,
    "KONBINI_DAYS": (*WHOLE, "0", "61"),
    "LOG_FORMAT": ("", "JSON", "xml"),
    "LOG_LEVEL": ("", "LOUD", "15"),
    "MOST_LINES": (*WHOLE, "0", "101"),
    "MOST_PER_ORDER": (*WHOLE, "0", "100"),
    "OUTGOING_PRIVATE_NETWORKS": (
        *("x", "10.0.0.0/33", "10.1.2.3/8", "10.0.0.0-10.0.0.9", "intranet"),
        "10.0.0.0/8 127.0.0.0/8",
    ),
    "PACKING_CLAIM_MINUTES": (*WHOLE, "0", "1441"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("collector:4318", "grpc://h", "http://"),
    "OTEL_EXPORTER_OTLP_HEADERS": ("key", "key=", "=value", "a b=c"),
    "OTEL_TRACES_SAMPLER_ARG": (*NUMBERS, "1.1"),
    "SENTRY_DSN": (
        "x",
        "https://sentry.example.com/1",
        "https://key@h/",
        "https://key@h/shop",
        "ftp://k@h/1",
    ),
    "METRICS_TOKEN": ("two\nlines", "x" * 201),
    "OIDC_CLIENT_ID": ("two\nlines", "x" * 192),
    "OIDC_CLIENT_SECRET": ("two\nlines", "x" * 192),
    "OIDC_ISSUER": WEB_URL,
    "OIDC_NAME": ("two\nlines", "x" * 41),
    "PAYMENT_METHODS": ("", ",", "card,cheque", "Card"),
    "PORT": (*WHOLE, "0", "65535", "80000"),
    "PRODUCTION": SWITCH,
    "RECONCILE_DAYS": (*NUMBERS, "0", "366"),
    "RECONCILE_HOURS": (*NUMBERS, "721"),
    "BROKER_URL": BROKER,
    "BROKER_SENTINEL_MASTER": ("", "two words", "x" * 81),
    "BROKER_SENTINEL_PASSWORD": ("two\nlines", "x" * 201, "redis://h"),
    "BROKER_CA_FILE": ("a\0.pem",),
    "REDIS_URL": BROKER,
    "RUNBOOK_URL": ("", "ftp://h/README.md", "https://", "two words"),
    "PICKUP_REMINDER_DAYS": (*WHOLE, "366"),
    "RETURN_DAYS": (*WHOLE, "366"),
    "ENQUIRY_DAYS": (*WHOLE, "36526"),
    "ERASURE_DAYS": (*WHOLE, "366"),
    "RETURN_PHOTO_DAYS": (*WHOLE, "36526"),
    "SAGA_HISTORY_DAYS": (*WHOLE, "36501"),
    "EVENTS_DAYS": (*WHOLE, "36501"),
    "SAGA_LEASE": (*NUMBERS, "0", "3601"),
    "SAGA_MAX_ATTEMPTS": (*WHOLE, "0", "101"),
    "SAGA_MESSAGE_GRACE": (*NUMBERS, "0", "301"),
    "SAGA_RETRY_BASE": (*NUMBERS, "0", "61"),
    "SECRET_KEY_FALLBACKS": (f"{'ab3de' * 12},short", "a" * 60),
    "STAGING": SWITCH,
    "EVENTS_BRIDGE_KEPT": (*WHOLE, "1000000001"),
    "EVENTS_BRIDGE_NAME": ("", "two words", "x" * 81, "a/b", "名前"),
    "EVENTS_BRIDGE_URL": (
        *("x", "http://h", "redis://", "redis://h/first", "amqp://", "amqp://h:abc/"),
        "kafka://h:9092",
    ),
    "WEBHOOK_ATTEMPT_DAYS": (*WHOLE, "0", "36501"),
    "WEBHOOK_DISABLE_DAYS": (*WHOLE, "0", "31"),
    "WEBHOOK_TIMEOUT": (*NUMBERS, "0", "61"),
    "SECRET_KEY": ("", "short", "a" * 60, "0123456789" * 4 + "012345678"),
    "SELLER_ADDRESS": ("x" * 301, "a\x07b"),
    "SELLER_EMAIL": ("shop", "a@b"),
    "SELLER_INVOICE_NUMBER": (
        "1234567890123",
        "T123",
        "T0234567890123",
        "T12345678901234",
    ),
    "SELLER_NAME": ("x" * 101, "a\x07b"),
    "SELLER_PHONE": ("0" * 21, "a\x07b"),
    "SITE_URL": (*ORIGIN, "", "javascript:alert(1)"),
    "STAFF_LANGUAGE": ("", "japanese", "de"),
    "STAFF_SECOND_FACTOR": ("", "sometimes"),
    "STRIPE_API_BASE": (*ORIGIN, ""),
    "STRIPE_JS_URL": (*WEB_URL, ""),
    "STRIPE_PUBLISHABLE_KEY": (*STRIPE, "sk_live_1"),
    "STRIPE_SECRET_KEY": (*STRIPE, "pk_live_1", "whsec_1"),
    "STRIPE_TIMEOUT": (*NUMBERS, "0", "81"),
    "STRIPE_WEBHOOK_SECRET": ("whsec_", "whsec_1,sk_live_1", "secret"),
    "SWEEPER_INTERVAL": (*NUMBERS, "0", "31"),
    "EVENTS_INTERVAL": (*NUMBERS, "0", "31"),
    "THEME_DIR": ("my\0theme",),
    "TIME_ZONE": ("", "Tokyo", "Asia", "../etc/passwd", "JST+9", "/etc/localtime"),
    "TRUSTED_PROXIES": (*WHOLE, "11"),
    "UNPAID_HOLD_PERCENT": (*WHOLE, "101"),
    "UNPAID_HOLD_PERCENT_PER_ADDRESS": (*WHOLE, "101"),
    "UNPAID_ORDERS_PER_EMAIL": (*WHOLE, "1000001"),
    "WAITING_ROOM_FROM_CARTS": (*WHOLE, "1000001"),
    "WAITING_ROOM_MINUTES": (*WHOLE, "0", "121"),
    "WAITING_ROOM_PLACES": (*WHOLE, "0", "1000001"),
    "WAITING_ROOM_QUIET_MINUTES": (*WHOLE, "0", "1441"),
    "WAREHOUSE": ("", "Manual", "amazon"),
    "WAREHOUSE_ACCEPT_HOURS": (*NUMBERS, "0", "169"),
    "WAREHOUSE_DELIVERY_DAYS": (*WHOLE, "0", "91"),
    "WAREHOUSE_REPORT_SECRET": WAREHOUSE_SECRET,
    "WAREHOUSE_SECRET": WAREHOUSE_SECRET,
    "WAREHOUSE_SHIP_DAYS": (*WHOLE, "0", "61"),
    "WAREHOUSE_TIMEOUT": (*NUMBERS, "0", "61"),
    "WAREHOUSE_URL": WEB_URL,
    "WORKERS": (*WHOLE, "0", "1025"),
}
# Setting -> values at the edges of what can be meant, and how people write them.
MEANT: Mapping[str, tuple[str, ...]] = {
    "ALERT_CHAT_WEBHOOK_URL": ("", "https://chat.example.com/hooks/1?token=2"),
    "ALERT_EMAILS": ("", "a@example.com, b@example.com,"),
    "ALLOWED_HOSTS": ("shop.example.com,.example.org, [::1],127.0.0.1,*",),
    "BREAKER_FAILURES": ("1",),
    "CSRF_TRUSTED_ORIGINS": ("", "https://*.example.com,http://h:8000"),
    "CURRENCY": ("usd", "ISK"),
    "DATABASE_URL": (
        *("postgres:///shop", "postgresql://u:p%40@[::1]:5432/shop?sslmode=require"),
        "sqlite:////srv/shop.sqlite3",
    ),
    "DATABASE_LOCK_TIMEOUT": ("0", "2.5", "web=1, worker=2,sweeper=3,command=0.5"),
    "DEFAULT_FROM_EMAIL": ("Minato TV <shop@example.com>", "みなと <s@example.com>"),
    "EMAIL_URL": ("consolemail:", "smtps://h:465", "smtp+ssl://a%40b:c@h"),
    "EVENTS_BRIDGE_URL": ("", "amqps://u:p@h:5671/shop", "amqp://h", "rediss://h/1"),
    "HOLD_MINUTES": ("0.05", "1440"),
    "OUTGOING_PRIVATE_NETWORKS": ("", "10.1.0.0/16, fd00::/8", "127.0.0.1"),
    "PAYMENT_METHODS": ("card", "konbini,card", "card, card"),
    "PORT": (" 1 ", "65534"),
    "BROKER_URL": (
        *("redis+socket:///run/v.sock", "rediss://:pw@h:6380/1", "redis://h"),
        *("amqp://h", "amqps://u:p@h:5671/shop", "amqp://a//;amqp://b:5673//"),
        "sentinel://:pw@a:26379/0;sentinel://:pw@b;sentinel://:pw@[::1]:26380/0",
        "rediss://h?ssl_ca_certs=/etc/ca.pem",
    ),
    "REDIS_URL": ("redis://h",),
    "PICKUP_REMINDER_DAYS": ("0", "365"),
    "RETURN_DAYS": ("0", "365"),
    "ENQUIRY_DAYS": ("0", "730"),
    "RETURN_PHOTO_DAYS": ("0", "90"),
    "RUNBOOK_URL": ("https://wiki.example.com/README.md",),
    "SAGA_HISTORY_DAYS": ("0", "36500"),
    "SITE_URL": ("https://shop.example.com/", "http://[::1]:8000", "https://h:8443"),
    "STRIPE_SECRET_KEY": ("rk_live_1", "sk_test_1"),
    "STRIPE_WEBHOOK_SECRET": ("whsec_1, whsec_2",),
    "TIME_ZONE": ("Europe/Paris", "UTC"),
    "PRODUCTION": ("true", " Yes ", "0", ""),
}


def complaint_about(name: str, value: str) -> str:
    """Read one setting as ``shop/settings.py`` does, and return the refusal."""
    env = Environment({name: value})
    env.str(name, default="the default")
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.refuse_wrong_values()
    return str(refusal.value)


def test_every_setting_has_a_meaning_and_absurd_values() -> None:
    assert sorted(MEANINGS) == sorted(settings_variables())
    assert sorted(ABSURD) == sorted(MEANINGS)


def test_settings_come_from_the_environment_in_no_other_way() -> None:
    tree = ast.parse(SETTINGS.read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }

    assert {"os", "environ", "getenv", "json"}.isdisjoint(names | imported)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in ABSURD for value in ABSURD[name]]
)
def test_a_value_that_cannot_be_meant_is_refused(name: str, value: str) -> None:
    said = complaint_about(name, value)

    assert name in said
    assert MEANINGS[name].wanted in said
    assert "Correct it, or remove it" in said


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in MEANT for value in MEANT[name]]
)
def test_a_value_that_can_be_meant_is_read(name: str, value: str) -> None:
    env = Environment({name: value})

    env.str(name, default="the default")

    env.refuse_wrong_values()


@pytest.mark.parametrize("name", sorted(set(MEANINGS) & set(dir(settings))))
def test_the_default_has_a_meaning(name: str) -> None:
    default = getattr(settings, name)
    written = ",".join(default) if isinstance(default, list | dict) else str(default)
    if name == "SECRET_KEY":
        written = written.ljust(50, "-")  # shorter, but refused in production

    MEANINGS[name].read(written)


@pytest.mark.parametrize("name", [name for name in ABSURD if MEANINGS[name].secret])
def test_a_secret_is_not_repeated(name: str) -> None:
    said = complaint_about(name, "my://user:pass@word")

    assert said.startswith(f"The value of {name} is not ")
    assert "word" not in said.replace(MEANINGS[name].wanted, "")


def test_lists_and_numbers_are_read_as_such() -> None:
    env = Environment(
        {"ALERT_EMAILS": "a@example.com, b@example.com", "SAGA_LEASE": "7.5"}
    )

    assert env.list("ALERT_EMAILS", default=[]) == ["a@example.com", "b@example.com"]
    assert env.float("SAGA_LEASE", default=60.0) == 7.5


def test_a_new_setting_without_a_meaning_cannot_be_read() -> None:
    with pytest.raises(
        ImproperlyConfigured, match=r"NEW .* shop/configuration/meanings\.py"
    ):
        Environment({}).str("NEW", default="x")


def test_a_dollar_is_a_dollar() -> None:
    """A key that begins with $ is not the name of another variable."""
    key = "$" + "abcdefghij" * 5

    assert Environment({"SECRET_KEY": key}).str("SECRET_KEY", default="") == key


def test_each_wanted_completes_the_sentence() -> None:
    for meaning in MEANINGS.values():
        assert re.match(r"(an? |the |one |true |[a-zA-Z]+(,| or ))", meaning.wanted)
