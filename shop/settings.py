"""Settings, all of them from environment variables (see .env.example).

Without any, the shop runs on one machine with SQLite, a bundled Valkey on a unix socket
and the offline Stripe sandbox. Production sets DATABASE_URL, REDIS_URL and the STRIPE_*
keys; no other file changes.
"""

import logging
from pathlib import Path
from zoneinfo import ZoneInfo

from csp.constants import NONE, SELF

from shop.environment import Environment, make_folder, require_broker_url
from shop.local.paths import Paths

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
Environment.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

# --- one machine --------------------------------------------------------------------
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
DATA_DIR = DATA_DIR.expanduser().resolve()
PATHS = Paths(DATA_DIR)
PORT = env.int("PORT", default=PATHS.recorded_port())
WORKERS = env.int("WORKERS", default=2)
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")

# --- security -----------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
PRODUCTION = env.bool("PRODUCTION", default=False)
LOCAL_SECRET_KEY = "local-only-key-refused-when-PRODUCTION-is-set"  # noqa: S105
SECRET_KEY = env.str("SECRET_KEY", default=LOCAL_SECRET_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# gunicorn speaks plain HTTP, so in production a proxy holds the certificate.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if PRODUCTION else 0)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- application --------------------------------------------------------------------
# The packages of this project that run in the shop.
ROOMS = ("shop", "backoffice", "checkout", "saga", "orders", "inventory")
INSTALLED_APPS = [
    "shop.staff.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "shop.staff",
    "shop.catalogue",
    "shop.local",
    "inventory",
    "orders",
    "saga",
    "checkout",
    "backoffice",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.context.shop",
                "checkout.announcements.context_processors.announcements",
                "checkout.cart.context_processors.cart",
                "checkout.cart.context_processors.shipping",
            ],
        },
    },
]

# --- database -----------------------------------------------------------------------
if "DATABASE_URL" in env:
    DATABASES = {"default": env.database("DATABASE_URL")}
else:
    make_folder(DATA_DIR, "DATA_DIR")
    # Not as a URL: a "#" or "?" in DATA_DIR would end it.
    local_database = {"ENGINE": "django.db.backends.sqlite3", "NAME": PATHS.database}
    DATABASES = {"default": local_database}
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that reads first and writes later fails at once if another one
        # writes ("database is locked"). With IMMEDIATE it waits instead.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: a committed charge must survive a power cut, not only a crash.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- broker -------------------------------------------------------------------------
BUNDLED_REDIS_URL = f"redis+socket://{PATHS.broker_socket}"
REDIS_URL = env.checked(
    "REDIS_URL",
    require_broker_url,
    "a broker URL such as redis://host:6379/0",
    default=BUNDLED_REDIS_URL,
)
BROKER_IS_BUNDLED = REDIS_URL == BUNDLED_REDIS_URL
CELERY_BROKER_URL = REDIS_URL

# --- languages ----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "shop.formats"
USE_TZ = True
TIME_ZONE = env.checked("TIME_ZONE", ZoneInfo, "a time zone", default="Asia/Tokyo")
LANGUAGE_COOKIE_AGE = 31_536_000

# --- static files and pictures ------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "shop" / "static"]  # the project package is not an app
MEDIA_URL = "media/"
MEDIA_ROOT = PATHS.media_dir
WHITENOISE_USE_FINDERS = True

# --- the shop -----------------------------------------------------------------------
SHOP_NAME = {"en": "Minato TV Shop", "ja": "みなと TV ショップ"}
CURRENCY = env.str("CURRENCY", default="JPY")
HOLD_MINUTES = env.float("HOLD_MINUTES", default=30.0)  # to finish paying
CARD_TRIES = env.int("CARD_TRIES", default=5)  # cards for one order
CARD_TRIES_PER_HOUR = env.int("CARD_TRIES_PER_HOUR", default=20)  # 0: no limit
CART_DAYS = 30
# The catalogue is below inventory and reads the free units through this path.
CATALOGUE_STOCK = "inventory.selectors.free_by_sku"

# --- payment ------------------------------------------------------------------------
STRIPE_SANDBOX_KEY = "sk_test_sandbox"
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default=STRIPE_SANDBOX_KEY)
STRIPE_IS_SANDBOX = STRIPE_SECRET_KEY == STRIPE_SANDBOX_KEY
STRIPE_PUBLISHABLE_KEY = env.str("STRIPE_PUBLISHABLE_KEY", default="pk_test_sandbox")
STRIPE_SANDBOX_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105
# Two while one is replaced; webhooks signed with either are accepted.
STRIPE_WEBHOOK_SECRETS = [
    secret.strip() for secret in env.list("STRIPE_WEBHOOK_SECRET", default=[])
] or [STRIPE_SANDBOX_WEBHOOK_SECRET]
STRIPE_LIVE_API_BASE = "https://api.stripe.com"
STRIPE_API_BASE = env.str(
    "STRIPE_API_BASE",
    default=f"http://127.0.0.1:{PORT + 1}"
    if STRIPE_IS_SANDBOX
    else STRIPE_LIVE_API_BASE,
)
STRIPE_JS_URL = env.str(
    "STRIPE_JS_URL",
    default=f"{STRIPE_API_BASE}/v3/"
    if STRIPE_IS_SANDBOX
    else "https://js.stripe.com/v3/",
)
STRIPE_TIMEOUT = env.float("STRIPE_TIMEOUT", default=15.0)  # seconds for an answer
PAYMENT_METHODS = env.list("PAYMENT_METHODS", default=["card"])
KONBINI_DAYS = env.int("KONBINI_DAYS", default=3)  # to pay at a convenience store
CAPTURE = env.str("CAPTURE", default="immediately")  # or "shipment"
CAPTURE_WARNING_HOURS = env.float("CAPTURE_WARNING_HOURS", default=24.0)
PAYMENT_GATEWAY = "checkout.payments.stripe.gateway.StripeGateway"

# --- the saga -----------------------------------------------------------------------
SWEEPER_INTERVAL = env.float("SWEEPER_INTERVAL", default=1.0)  # seconds
SAGA_LEASE = env.float("SAGA_LEASE", default=60.0)  # seconds; longer than any step
SAGA_MESSAGE_GRACE = env.float("SAGA_MESSAGE_GRACE", default=5.0)  # seconds
SAGA_RETRY_BASE = env.float("SAGA_RETRY_BASE", default=1.0)  # seconds
SAGA_MAX_ATTEMPTS = env.int("SAGA_MAX_ATTEMPTS", default=5)
SAGA_HISTORY_DAYS = env.int("SAGA_HISTORY_DAYS", default=400)  # 0: for ever
BREAKER_FAILURES = env.int("BREAKER_FAILURES", default=5)
BREAKER_PAUSE = env.float("BREAKER_PAUSE", default=5.0)  # seconds
RECONCILE_HOURS = env.float("RECONCILE_HOURS", default=24.0)  # 0: only by command
RECONCILE_DAYS = env.float("RECONCILE_DAYS", default=14.0)  # days compared

# --- mail and alerts ----------------------------------------------------------------
MAIL = env.mail("EMAIL_URL", default="filemail:")
vars().update(MAIL)
EMAIL_FILE_PATH = MAIL["EMAIL_FILE_PATH"] or str(PATHS.mail_dir)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="shop@minato-tv.example")
ALERT_EMAILS = env.list("ALERT_EMAILS", default=[])
ALERT_CHAT_WEBHOOK_URL = env.str("ALERT_CHAT_WEBHOOK_URL", default="")
ALERT_WINDOW = env.float("ALERT_WINDOW", default=300.0)  # seconds
RUNBOOK_URL = env.str("RUNBOOK_URL", default="docs/operations/README.md")

# --- staff's sign-in (docs/adr/0016) -------------------------------------------------
STAFF_SECOND_FACTOR = env.checked(
    "STAFF_SECOND_FACTOR",
    ("optional", "required").index,
    "optional or required",
    default="required" if PRODUCTION else "optional",
)
STAFF_LOCKOUT_MINUTES = 5
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "shop.staff.adapters.SignInAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# Wrong entries per address and, for passwords and codes each, per name.
ACCOUNT_RATE_LIMITS = {
    "login_failed": f"20/{STAFF_LOCKOUT_MINUTES}m/ip,5/{STAFF_LOCKOUT_MINUTES}m/key"
}
MFA_ADAPTER = "shop.staff.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SHOP_NAME["en"]
# Counts wrong entries and stores used codes for all web processes. It is in the
# database, which a sign-in needs anyway, so that it works without the broker.
CACHES: dict[str, dict[str, object]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "staff_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Each process keeps entries for some seconds: see shop/page_cache.py.
    "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# --- content security policy --------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "frame-src": [NONE],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# --- logs ---------------------------------------------------------------------------
LOG_LEVEL = env.checked(
    "LOG_LEVEL",
    logging.getLevelNamesMapping().__getitem__,
    "one of DEBUG, INFO, WARNING and ERROR",
    default="INFO",
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "filters": {"one_line": {"()": "shop.logs.BrokerAwayInOneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # `manage.py up` reads from its "ready." that the worker listens.
        "celery.apps.worker": {"level": "INFO"},
        "celery.worker.request": {"filters": ["one_line"]},
        # On lower levels it logs requests and answers, with tokens and client secrets.
        "stripe": {"level": "WARNING"},
        **{room: {"level": LOG_LEVEL} for room in ROOMS},
    },
}
