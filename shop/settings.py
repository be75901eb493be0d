"""Settings, all of them from environment variables (see .env.example).

Without any, the shop runs on one machine with SQLite, a bundled Valkey on a unix socket
and the offline Stripe sandbox. Production sets DATABASE_URL, BROKER_URL and the
STRIPE_* keys; no other file changes.
"""

import sys
from pathlib import Path

from csp.constants import NONE, SELF

from shop.configuration.broker import ANSWER_TIMEOUT, CONNECT_TIMEOUT
from shop.configuration.broker import describe as describe_broker
from shop.configuration.environment import Environment, make_folder, recorded
from shop.local.paths import Paths
from shop.logs.configuration import JSON, TEXT, logging_for
from shop.processes.roles import WITHOUT_PAGES, database_options, role_of

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
env.read_file("ENV_FILE", default=BASE_DIR / ".env")

# --- one machine --------------------------------------------------------------------
LOCAL_DATA_DIR = BASE_DIR / "var"
DATA_DIR = Path(env.str("DATA_DIR", default=str(LOCAL_DATA_DIR)))
DATA_DIR = DATA_DIR.expanduser().resolve()
PATHS = Paths(DATA_DIR)
PORT = env.int("PORT", default=recorded(PATHS.recorded_port))
WORKERS = env.int("WORKERS", default=24)  # threads of one worker
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}")

# --- security -----------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
PRODUCTION = env.bool("PRODUCTION", default=False)
# Production in everything but the provider of payments: a rehearsal.
STAGING = env.bool("STAGING", default=False)
DEMO = env.bool("DEMO", default=True)  # never in PRODUCTION
LOCAL_SECRET_KEY = "local-only-key-refused-when-PRODUCTION-is-set"  # noqa: S105
SECRET_KEY = env.str("SECRET_KEY", default=LOCAL_SECRET_KEY)
# Former keys: what they signed is still accepted, and signed with SECRET_KEY anew.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# gunicorn speaks plain HTTP, so in production a proxy holds the certificate.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if PRODUCTION else 0)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
# Browsers remember it for so long. Subdomains and the browsers' list are promises for
# other hosts, which only the owner of the domain can make.
HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_SECONDS = HSTS_SECONDS if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # they ask for both
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- application --------------------------------------------------------------------
# The packages of this project that run in the shop.
ROOMS = (
    "shop",
    "backoffice",
    "checkout",
    "outgoing",
    "saga",
    "orders",
    "inventory",
    "events",
    "api",
    "flows",
)
INSTALLED_APPS = [
    "shop.staff.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_countries",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "shop.staff",
    "shop.customers",
    "shop.catalogue",
    "shop.profile",
    "shop.pages",
    "shop.local",
    "events",
    "outgoing",
    "inventory",
    "orders",
    "saga",
    "checkout",
    "flows",
    "backoffice",
    "api",
]
MIDDLEWARE = [
    "shop.health.addresses.answer_probes",
    "shop.web.request_ids.identify",
    "shop.metrics.pages.measure",
    "django.middleware.security.SecurityMiddleware",
    # Before all that read addresses, cookies and forms.
    "shop.web.boundary.RequestBoundary",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Kept pages are answered here, under the headers of all that stands above.
    "shop.catalogue.guest_pages.GuestPages",
    "shop.web.compression.PageCompression",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "shop.web.languages.AddressedLanguage",
    "django.middleware.common.CommonMiddleware",
    "shop.web.csrf.CsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "shop.staff.sessions.StaffSessions",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "shop.web.search_engines.NoIndex",
]
if STAGING:
    # Where the visitor's language is known, and before lengths are counted and pages
    # compressed.
    MIDDLEWARE.insert(
        MIDDLEWARE.index("django.middleware.common.CommonMiddleware") + 1,
        "shop.web.staging.StagingMark",
    )
ROLE = role_of(sys.argv)
ROOT_URLCONF = "shop.storefront_urls" if ROLE in WITHOUT_PAGES else "shop.urls"
# What an owner of a shop puts before its pages, styles and words (docs/adr/0062).
THEME_DIR = env.str("THEME_DIR", default="")
THEME = [Path(THEME_DIR).expanduser().resolve()] if THEME_DIR else []
WSGI_APPLICATION = "shop.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [*(theme / "templates" for theme in THEME), BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.customers.context_processors.customer",
                "shop.context.shop",
                "checkout.announcements.context_processors.announcements",
                "checkout.cart.context_processors.cart",
                "checkout.cart.context_processors.shipping",
                "checkout.shipping.context_processors.delivery",
            ],
            # Named here, and not found by Django, because it imports the whole admin.
            "libraries": {}
            if ROLE in WITHOUT_PAGES
            else {"staff_tags": "backoffice.admin.template_tags"},
        },
    },
]

# --- database -----------------------------------------------------------------------
# Not as a URL: a "#" or "?" in DATA_DIR would end it.
local_database = {"ENGINE": "django.db.backends.sqlite3", "NAME": PATHS.database}
DATABASES = {"default": env.database("DATABASE_URL", default=local_database)}
# Of PostgreSQL, in milliseconds, by what a process is.
STATEMENT_TIMEOUTS = env.timeouts(
    "DATABASE_STATEMENT_TIMEOUT", default="web=30,worker=60,sweeper=300,command=0"
)
LOCK_TIMEOUTS = env.timeouts(
    "DATABASE_LOCK_TIMEOUT", default="web=10,worker=30,sweeper=30,command=30"
)
IDLE_TIMEOUTS = env.timeouts(
    "DATABASE_IDLE_TIMEOUT", default="web=60,worker=60,sweeper=60,command=600"
)
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
else:
    of_postgres = DATABASES["default"].setdefault("OPTIONS", {})
    # A host that drops packets would hold each process for minutes.
    of_postgres.setdefault("connect_timeout", 10)
    # One that went silent while it was asked: a quarter of an hour (docs/adr/0088).
    of_postgres.setdefault("tcp_user_timeout", 30_000)  # milliseconds
    # And while it works on an answer: asked for a sign of life after 10 s, every 5 s.
    of_postgres.setdefault("keepalives_idle", 10)
    of_postgres.setdefault("keepalives_interval", 5)
    of_postgres.setdefault("keepalives_count", 4)
    # Nor may a statement, a lock of another process or a transaction without an end.
    of_postgres.setdefault(
        "options",
        database_options(
            {
                "statement_timeout": STATEMENT_TIMEOUTS[ROLE],
                "lock_timeout": LOCK_TIMEOUTS[ROLE],
                "idle_in_transaction_session_timeout": IDLE_TIMEOUTS[ROLE],
            }
        ),
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- broker -------------------------------------------------------------------------
BUNDLED_BROKER_URL = f"redis+socket://{PATHS.broker_socket}"
BROKER_URL = env.str(
    "BROKER_URL", default=env.str("REDIS_URL", default=BUNDLED_BROKER_URL)
)
BROKER_IS_BUNDLED = BROKER_URL == BUNDLED_BROKER_URL
BROKER = describe_broker(
    BROKER_URL,
    master=env.str("BROKER_SENTINEL_MASTER", default="mymaster"),
    sentinel_password=env.str("BROKER_SENTINEL_PASSWORD", default=""),
    ca_file=env.str("BROKER_CA_FILE", default=""),
)
BROKER_ANSWER_TIMEOUT = ANSWER_TIMEOUT
CELERY_BROKER_URL = BROKER.url
CELERY_BROKER_USE_SSL = BROKER.ssl
CELERY_BROKER_CONNECTION_TIMEOUT = CONNECT_TIMEOUT
CELERY_BROKER_TRANSPORT_OPTIONS = BROKER.transport_options
CELERY_TASK_DEFAULT_QUEUE_TYPE = BROKER.queue_type
CELERY_TASK_CREATE_MISSING_QUEUE_TYPE = BROKER.queue_type
# Where quorum queues are, Celery declares 28 more for tasks that wait: we have none.
CELERY_BROKER_NATIVE_DELAYED_DELIVERY_QUEUE_TYPE = "classic"
CELERY_WORKER_POOL = "shop.processes.worker_pool:Pool"
CELERY_WORKER_CONCURRENCY = WORKERS

# --- languages ----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [*(theme / "locale" for theme in THEME), BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "shop.formats"
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Tokyo")
LANGUAGE_COOKIE_AGE = 31_536_000

# --- static files and pictures ------------------------------------------------------
STATIC_URL = "static/"
# `prepare`, a part of `up`, collects them here; production runs collectstatic.
# A theme's are beside its data: shops with other themes may run from these sources.
STATIC_ROOT = (DATA_DIR if THEME else BASE_DIR) / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "shop.web.static_files.HashedStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STATICFILES_DIRS = [
    *(theme / "static" for theme in THEME if (theme / "static").is_dir()),
    BASE_DIR / "shop" / "static",  # the project package is not an app
]
MEDIA_URL = "media/"
MEDIA_ROOT = PATHS.media_dir

# --- the shop -----------------------------------------------------------------------
# The shop's name and who sells, until staff have entered the shop's profile.
SHOP_NAME = {"en": "My shop", "ja": "マイショップ"}
SELLER_NAME = env.str("SELLER_NAME", default="")
SELLER_ADDRESS = env.str("SELLER_ADDRESS", default="")
SELLER_PHONE = env.str("SELLER_PHONE", default="")
SELLER_EMAIL = env.str("SELLER_EMAIL", default="")
SELLER_INVOICE_NUMBER = env.str("SELLER_INVOICE_NUMBER", default="")
CURRENCY = env.str("CURRENCY", default="JPY")
HOLD_MINUTES = env.float("HOLD_MINUTES", default=30.0)  # to finish paying
DECLINED_HOLD_MINUTES = env.float("DECLINED_HOLD_MINUTES", default=5.0)
# Of the units on hand, for all customers who have not paid yet, and for one address.
UNPAID_HOLD_PERCENT = env.int("UNPAID_HOLD_PERCENT", default=50)
UNPAID_HOLD_PERCENT_PER_ADDRESS = env.int("UNPAID_HOLD_PERCENT_PER_ADDRESS", default=20)
UNPAID_ORDERS_PER_EMAIL = env.int("UNPAID_ORDERS_PER_EMAIL", default=5)  # 0: no limit
CARD_TRIES = env.int("CARD_TRIES", default=5)  # cards for one order
CARD_TRIES_PER_HOUR = env.int("CARD_TRIES_PER_HOUR", default=20)  # 0: no limit
CARDS_PER_HOUR = env.int("CARDS_PER_HOUR", default=300)  # 0: none
CARDS_DECLINED_ALERT = env.int("CARDS_DECLINED_ALERT", default=40)  # 0: no alert
MOST_PER_ORDER = env.int("MOST_PER_ORDER", default=20)  # units of one product
MOST_LINES = env.int("MOST_LINES", default=50)  # articles in one order
FURIGANA = env.str("FURIGANA", default="optional")  # or "required", "off"
GIFT_WRAPPING = env.bool("GIFT_WRAPPING", default=False)  # customers can ask for it
# Waiting rooms: how many are in the checkout at once, and how long; from how many carts
# a minute one opens by itself (0: never), and after how many quiet minutes it closes.
WAITING_ROOM_PLACES = env.int("WAITING_ROOM_PLACES", default=100)
WAITING_ROOM_MINUTES = env.int("WAITING_ROOM_MINUTES", default=10)
WAITING_ROOM_FROM_CARTS = env.int("WAITING_ROOM_FROM_CARTS", default=0)
WAITING_ROOM_QUIET_MINUTES = env.int("WAITING_ROOM_QUIET_MINUTES", default=10)
CART_DAYS = 30
GUEST_PAGE_SECONDS = 2.0  # how old a badge of stock may be on a page
# The catalogue is below inventory and reads the free units through this path.
CATALOGUE_STOCK = "inventory.selectors.sellable_by_sku"
CATALOGUE_COUNTS = "inventory.selectors.counts_by_sku"

# --- the API ------------------------------------------------------------------------
API_ORIGINS = env.list("API_ORIGINS", default=[])  # pages elsewhere that may call it
API_POINTS_PER_MINUTE = env.int("API_POINTS_PER_MINUTE", default=300_000)  # 0: any
API_INTROSPECTION = env.bool("API_INTROSPECTION", default=not PRODUCTION)

# --- payment ------------------------------------------------------------------------
STRIPE_SANDBOX_KEY = "sk_test_sandbox"
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default=STRIPE_SANDBOX_KEY)
STRIPE_IS_SANDBOX = STRIPE_SECRET_KEY == STRIPE_SANDBOX_KEY
STRIPE_SANDBOX_PUBLISHABLE_KEY = "pk_test_sandbox"
STRIPE_PUBLISHABLE_KEY = env.str(
    "STRIPE_PUBLISHABLE_KEY", default=STRIPE_SANDBOX_PUBLISHABLE_KEY
)
STRIPE_SANDBOX_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105
# Two while one is replaced; webhooks signed with either are accepted.
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRET", default=[]) or [
    STRIPE_SANDBOX_WEBHOOK_SECRET
]
STRIPE_LIVE_API_BASE = "https://api.stripe.com"
STRIPE_API_BASE = env.str(
    "STRIPE_API_BASE",
    default=f"http://127.0.0.1:{PORT + 1}"
    if STRIPE_IS_SANDBOX
    else STRIPE_LIVE_API_BASE,
)
STRIPE_LIVE_JS_URL = "https://js.stripe.com/v3/"
STRIPE_JS_URL = env.str(
    "STRIPE_JS_URL",
    default=f"{STRIPE_API_BASE}/v3/" if STRIPE_IS_SANDBOX else STRIPE_LIVE_JS_URL,
)
STRIPE_TIMEOUT = env.float("STRIPE_TIMEOUT", default=15.0)  # seconds for an answer
PAYMENT_METHODS = env.list("PAYMENT_METHODS", default=["card"])
KONBINI_DAYS = env.int("KONBINI_DAYS", default=3)  # to pay at a convenience store
CAPTURE = env.str("CAPTURE", default="immediately")  # or "shipment"
CAPTURE_WARNING_HOURS = env.float("CAPTURE_WARNING_HOURS", default=24.0)
PAYMENT_GATEWAY = "checkout.payments.stripe.gateway.StripeGateway"

# --- the warehouse ------------------------------------------------------------------
WAREHOUSE = env.str("WAREHOUSE", default="manual")  # or "http", "sandbox"
WAREHOUSE_IS_SANDBOX = WAREHOUSE == "sandbox"
WAREHOUSE_ADAPTER = "checkout.aftersales.warehouse." + (
    "manual.ManualWarehouse"
    if WAREHOUSE == "manual"
    else "http_warehouse.HttpWarehouse"
)
# Known to everyone: they open nothing but the sandbox.
WAREHOUSE_SANDBOX_SECRET = "whsec_dG9kb2t1LXNhbmRib3gtd2FyZWhvdXNlLWNhbGxz"  # noqa: S105
WAREHOUSE_SANDBOX_REPORT_SECRET = "whsec_dG9kb2t1LXNhbmRib3gtd2FyZWhvdXNlLXJlcG9ydA=="  # noqa: S105
WAREHOUSE_URL = env.str(
    "WAREHOUSE_URL",
    default=f"http://127.0.0.1:{PORT + 2}/" if WAREHOUSE_IS_SANDBOX else "",
)
# Two while one is replaced: calls are signed with all, reports accepted with any.
WAREHOUSE_SECRETS = env.list("WAREHOUSE_SECRET", default=[]) or (
    [WAREHOUSE_SANDBOX_SECRET] if WAREHOUSE_IS_SANDBOX else []
)
WAREHOUSE_REPORT_SECRETS = env.list("WAREHOUSE_REPORT_SECRET", default=[]) or (
    [WAREHOUSE_SANDBOX_REPORT_SECRET] if WAREHOUSE_IS_SANDBOX else []
)
WAREHOUSE_TIMEOUT = env.float("WAREHOUSE_TIMEOUT", default=10.0)  # seconds
WAREHOUSE_ACCEPT_HOURS = env.float("WAREHOUSE_ACCEPT_HOURS", default=1.0)
WAREHOUSE_SHIP_DAYS = env.int("WAREHOUSE_SHIP_DAYS", default=3)  # working days
WAREHOUSE_DELIVERY_DAYS = env.int("WAREHOUSE_DELIVERY_DAYS", default=14)  # days

# --- the packing desk ---------------------------------------------------------------
PACKING_CLAIM_MINUTES = env.int("PACKING_CLAIM_MINUTES", default=120)

# --- pick-ups -----------------------------------------------------------------------
PICKUP_REMINDER_DAYS = env.int("PICKUP_REMINDER_DAYS", default=7)  # 0: no reminder

# --- returns ------------------------------------------------------------------------
RETURN_DAYS = env.int("RETURN_DAYS", default=14)  # after the last parcel left; 0: never
# After its end; 0: for ever.
RETURN_PHOTO_DAYS = env.int("RETURN_PHOTO_DAYS", default=90)

# --- messages from customers --------------------------------------------------------
ENQUIRY_DAYS = env.int("ENQUIRY_DAYS", default=730)  # after the answer; 0: for ever

# --- the saga -----------------------------------------------------------------------
SWEEPER_INTERVAL = env.float("SWEEPER_INTERVAL", default=1.0)  # seconds
EVENTS_INTERVAL = env.float("EVENTS_INTERVAL", default=0.25)  # seconds
SAGA_LEASE = env.float("SAGA_LEASE", default=60.0)  # seconds; longer than any step
SAGA_MESSAGE_GRACE = env.float("SAGA_MESSAGE_GRACE", default=5.0)  # seconds
SAGA_RETRY_BASE = env.float("SAGA_RETRY_BASE", default=1.0)  # seconds
SAGA_MAX_ATTEMPTS = env.int("SAGA_MAX_ATTEMPTS", default=5)
SAGA_HISTORY_DAYS = env.int("SAGA_HISTORY_DAYS", default=400)  # 0: for ever
EVENTS_DAYS = env.int("EVENTS_DAYS", default=0)  # 0: for ever
BREAKER_FAILURES = env.int("BREAKER_FAILURES", default=5)
BREAKER_PAUSE = env.float("BREAKER_PAUSE", default=5.0)  # seconds
RECONCILE_HOURS = env.float("RECONCILE_HOURS", default=24.0)  # 0: only by command
RECONCILE_DAYS = env.float("RECONCILE_DAYS", default=14.0)  # days compared

# --- events to other systems (docs/webhooks.md) -------------------------------------
OUTGOING_PRIVATE_NETWORKS = env.list("OUTGOING_PRIVATE_NETWORKS", default=[])
EVENTS_BRIDGE_URL = env.str("EVENTS_BRIDGE_URL", default="")
EVENTS_BRIDGE_NAME = env.str("EVENTS_BRIDGE_NAME", default="todoku.events")
EVENTS_BRIDGE_KEPT = env.int("EVENTS_BRIDGE_KEPT", default=100_000)  # 0: all
WEBHOOK_TIMEOUT = env.float("WEBHOOK_TIMEOUT", default=10.0)  # seconds
WEBHOOK_DISABLE_DAYS = env.int("WEBHOOK_DISABLE_DAYS", default=5)
WEBHOOK_ATTEMPT_DAYS = env.int("WEBHOOK_ATTEMPT_DAYS", default=30)

# --- mail and alerts ----------------------------------------------------------------
MAIL = env.mail("EMAIL_URL", default="filemail:")
vars().update(MAIL)
EMAIL_FILE_PATH = MAIL["EMAIL_FILE_PATH"] or str(PATHS.mail_dir)
EMAIL_TIMEOUT = 10
LOCAL_SENDER = "shop@minato-tv.example"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=LOCAL_SENDER)
ALERT_EMAILS = env.list("ALERT_EMAILS", default=[])
STAFF_LANGUAGE = env.str("STAFF_LANGUAGE", default="en")  # of alerts
ACCOUNTING_EMAILS = env.list("ACCOUNTING_EMAILS", default=[])
ALERT_CHAT_WEBHOOK_URL = env.str("ALERT_CHAT_WEBHOOK_URL", default="")
ALERT_WINDOW = env.float("ALERT_WINDOW", default=300.0)  # seconds
RUNBOOK_URL = env.str("RUNBOOK_URL", default="docs/operations/README.md")

# --- monitoring (docs/operations/monitoring.md) --------------------------------------
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# --- staff's sign-in (docs/adr/0016) -------------------------------------------------
STAFF_SECOND_FACTOR = env.str(
    "STAFF_SECOND_FACTOR", default="required" if PRODUCTION else "optional"
)
# The first opens sessions of staff, the second those of customers; neither knows the
# other's users.
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "shop.customers.backend.CustomerBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "shop.staff.adapters.SignInAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# The longest; shop/staff/sessions.py ends those of staff earlier.
SESSION_COOKIE_AGE = 12 * 3600  # seconds
# Wrong passwords and codes are counted by shop/web/throttle.py instead; this one is
# for codes of an app that is being set up.
ACCOUNT_RATE_LIMITS = {"login_failed": "60/5m/ip"}
MFA_ADAPTER = "shop.staff.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "shop.staff.forms.CodeForm",
    "reauthenticate": "shop.staff.forms.CodeAgainForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True

# --- customers' accounts, and their sign-in by OpenID Connect (docs/accounts.md) ------
ERASURE_DAYS = env.int("ERASURE_DAYS", default=30)  # 0: at once
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="OpenID")  # on the button
SOCIALACCOUNT_ADAPTER = "shop.customers.oidc.adapter.IdentityAdapter"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5  # seconds for an answer of the issuer
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER, "oauth_pkce_enabled": True},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}
# --- what all processes remember ------------------------------------------------------
# Counts wrong entries and stores used codes for all web processes. It is in the
# database, which a sign-in needs anyway, so that it works without the broker.
CACHES: dict[str, dict[str, object]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "staff_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Each process keeps entries for itself, which is never needed but for speed.
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
        "report-uri": ["/csp-report/"],
    },
}

# --- logs ---------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default=JSON if PRODUCTION else TEXT)
LOGGING = logging_for(ROOMS, LOG_LEVEL, LOG_FORMAT)

# --- error tracker and traces (docs/operations/traces.md) -----------------------------
SENTRY_DSN = env.str("SENTRY_DSN", default="")
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
OTEL_EXPORTER_OTLP_HEADERS = env.headers("OTEL_EXPORTER_OTLP_HEADERS", default={})
OTEL_TRACES_SAMPLER_ARG = env.float("OTEL_TRACES_SAMPLER_ARG", default=1.0)

# Last, so that all wrong values are named together.
env.refuse_wrong_values()
if DATABASES["default"] is local_database:
    make_folder(DATA_DIR, "DATA_DIR")
