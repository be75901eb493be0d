"""What every setting may be: its kind and its range.

A setting that is not listed here cannot be read: see ``Environment``. How settings
must fit together is said in ``shop/checks/``.
"""

from shop.configuration import url_kinds as urls
from shop.configuration import value_kinds as kinds
from shop.configuration.timeout_kinds import timeouts
from shop.configuration.value_kinds import Kind

# The longest that Stripe lets a konbini voucher be open.
LONGEST_VOUCHER = 60  # days
# A bank's approval of a card lapses after a week.
APPROVAL_HOURS = 168
DAY_IN_MINUTES = 1_440
CENTURY_IN_DAYS = 36_500

MEANINGS: dict[str, Kind] = {
    # One machine. The sandbox takes PORT + 1.
    "PORT": kinds.whole(1, 65_534),
    "DATA_DIR": kinds.path(),
    "DEMO": kinds.switch(),
    "WORKERS": kinds.whole(1, 1_024),
    "SITE_URL": urls.site(),
    "ENV_FILE": kinds.path(),
    # Security.
    "PRODUCTION": kinds.switch(),
    "STAGING": kinds.switch(),
    "DEBUG": kinds.switch(),
    "SECRET_KEY": kinds.secret_key(),
    "SECRET_KEY_FALLBACKS": kinds.secret_keys(),
    "ALLOWED_HOSTS": kinds.hosts(),
    "CSRF_TRUSTED_ORIGINS": urls.origins(),
    "API_ORIGINS": urls.origins(),
    "API_POINTS_PER_MINUTE": kinds.whole(0, 1_000_000_000),
    "API_INTROSPECTION": kinds.switch(),
    "TRUSTED_PROXIES": kinds.whole(0, 10),
    "STAFF_SECOND_FACTOR": kinds.one_of("optional", "required"),
    "OIDC_ISSUER": urls.web_url(optional=True),
    "OIDC_CLIENT_ID": kinds.line(191),
    "OIDC_CLIENT_SECRET": kinds.secret_line(191),
    "OIDC_NAME": kinds.line(40),
    "HSTS_SECONDS": kinds.whole(0, 63_072_000),
    "HSTS_SUBDOMAINS": kinds.switch(),
    "HSTS_PRELOAD": kinds.switch(),
    "LOG_LEVEL": kinds.one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    "LOG_FORMAT": kinds.one_of("text", "json"),
    # Database and broker.
    "DATABASE_URL": urls.database_url(),
    "DATABASE_STATEMENT_TIMEOUT": timeouts(86_400),
    "DATABASE_LOCK_TIMEOUT": timeouts(86_400),
    "DATABASE_IDLE_TIMEOUT": timeouts(86_400),
    "BROKER_URL": urls.broker_url(),
    "BROKER_SENTINEL_MASTER": kinds.name(80),
    "BROKER_SENTINEL_PASSWORD": kinds.secret_line(200),
    "BROKER_CA_FILE": kinds.path(optional=True),
    # The name of BROKER_URL in earlier versions.
    "REDIS_URL": urls.broker_url(),
    # The shop.
    "CURRENCY": kinds.currency(),
    "SELLER_NAME": kinds.line(100),
    "SELLER_ADDRESS": kinds.line(300),
    "SELLER_PHONE": kinds.line(20),
    "SELLER_EMAIL": kinds.mail_address(),
    "SELLER_INVOICE_NUMBER": kinds.invoice_number(),
    "TIME_ZONE": kinds.time_zone(),
    "THEME_DIR": kinds.path(optional=True),
    "HOLD_MINUTES": kinds.number(0.05, DAY_IN_MINUTES),
    "DECLINED_HOLD_MINUTES": kinds.number(0.05, DAY_IN_MINUTES),
    "UNPAID_HOLD_PERCENT": kinds.whole(0, 100),
    "UNPAID_HOLD_PERCENT_PER_ADDRESS": kinds.whole(0, 100),
    "UNPAID_ORDERS_PER_EMAIL": kinds.whole(0, 1_000_000),
    "MOST_PER_ORDER": kinds.whole(1, 99),
    "MOST_LINES": kinds.whole(1, 100),
    "FURIGANA": kinds.one_of("off", "optional", "required"),
    "GIFT_WRAPPING": kinds.switch(),
    "CARD_TRIES": kinds.whole(1, 100),
    "CARD_TRIES_PER_HOUR": kinds.whole(0, 1_000_000),
    "CARDS_PER_HOUR": kinds.whole(0, 1_000_000),
    "CARDS_DECLINED_ALERT": kinds.whole(0, 1_000_000),
    "WAITING_ROOM_PLACES": kinds.whole(1, 1_000_000),
    "WAITING_ROOM_MINUTES": kinds.whole(1, 120),
    "WAITING_ROOM_FROM_CARTS": kinds.whole(0, 1_000_000),
    "WAITING_ROOM_QUIET_MINUTES": kinds.whole(1, DAY_IN_MINUTES),
    # Payment.
    "STRIPE_SECRET_KEY": kinds.stripe_key(
        "sk_test_", "rk_test_", "sk_live_", "rk_live_"
    ),
    "STRIPE_PUBLISHABLE_KEY": kinds.stripe_key("pk_test_", "pk_live_"),
    "STRIPE_WEBHOOK_SECRET": kinds.webhook_secrets(),
    "STRIPE_API_BASE": urls.site(),
    "STRIPE_JS_URL": urls.web_url(),
    "STRIPE_TIMEOUT": kinds.number(0.1, 80),
    "PAYMENT_METHODS": kinds.some_of("card", "konbini"),
    "KONBINI_DAYS": kinds.whole(1, LONGEST_VOUCHER),
    "CAPTURE": kinds.one_of("immediately", "shipment"),
    "CAPTURE_WARNING_HOURS": kinds.number(1, APPROVAL_HOURS - 1),
    # The warehouse.
    "WAREHOUSE": kinds.one_of("manual", "http", "sandbox"),
    "WAREHOUSE_URL": urls.web_url(optional=True),
    "WAREHOUSE_SECRET": kinds.standard_webhook_secrets(),
    "WAREHOUSE_REPORT_SECRET": kinds.standard_webhook_secrets(),
    "WAREHOUSE_TIMEOUT": kinds.number(0.1, 60),
    "WAREHOUSE_ACCEPT_HOURS": kinds.number(0.01, 168),
    "WAREHOUSE_SHIP_DAYS": kinds.whole(1, 60),
    "WAREHOUSE_DELIVERY_DAYS": kinds.whole(1, 90),
    # The packing desk.
    "PACKING_CLAIM_MINUTES": kinds.whole(1, DAY_IN_MINUTES),
    # Pick-ups.
    "PICKUP_REMINDER_DAYS": kinds.whole(0, 365),
    # Returns.
    "RETURN_DAYS": kinds.whole(0, 365),
    # Messages from customers.
    "RETURN_PHOTO_DAYS": kinds.whole(0, CENTURY_IN_DAYS),
    "ENQUIRY_DAYS": kinds.whole(0, CENTURY_IN_DAYS),
    # The saga. The sweeper's heartbeat must come before it counts as silent.
    "SWEEPER_INTERVAL": kinds.number(0.05, 30),
    "EVENTS_INTERVAL": kinds.number(0.05, 30),
    "SAGA_LEASE": kinds.number(1, 3_600),
    "SAGA_MESSAGE_GRACE": kinds.number(0.1, 300),
    "SAGA_RETRY_BASE": kinds.number(0.01, 60),
    "SAGA_MAX_ATTEMPTS": kinds.whole(1, 100),
    "SAGA_HISTORY_DAYS": kinds.whole(0, CENTURY_IN_DAYS),
    "ERASURE_DAYS": kinds.whole(0, 365),
    "EVENTS_DAYS": kinds.whole(0, CENTURY_IN_DAYS),
    "BREAKER_FAILURES": kinds.whole(1, 1_000_000),
    "BREAKER_PAUSE": kinds.number(0.1, 60),
    "RECONCILE_HOURS": kinds.number(0, 720),
    "RECONCILE_DAYS": kinds.number(1, 365),
    # Events to other systems. A call ends well within its claim (events/sending.py).
    "OUTGOING_PRIVATE_NETWORKS": kinds.networks(),
    "EVENTS_BRIDGE_URL": urls.bridge_url(),
    "EVENTS_BRIDGE_NAME": kinds.name(80),
    "EVENTS_BRIDGE_KEPT": kinds.whole(0, 1_000_000_000),
    "WEBHOOK_TIMEOUT": kinds.number(0.1, 60),
    "WEBHOOK_DISABLE_DAYS": kinds.whole(1, 30),
    "WEBHOOK_ATTEMPT_DAYS": kinds.whole(1, CENTURY_IN_DAYS),
    # Mail and alerts.
    "EMAIL_URL": urls.mail_url(),
    "DEFAULT_FROM_EMAIL": kinds.sender(),
    "ALERT_EMAILS": kinds.mail_addresses(),
    "STAFF_LANGUAGE": kinds.one_of("en", "ja"),
    "ACCOUNTING_EMAILS": kinds.mail_addresses(),
    # Such a URL is a password: who knows it can write to the chat.
    "ALERT_CHAT_WEBHOOK_URL": urls.web_url(optional=True, secret=True),
    "ALERT_WINDOW": kinds.number(0, 86_400),
    "METRICS_TOKEN": kinds.secret_line(200),
    "SENTRY_DSN": urls.sentry_dsn(),
    "OTEL_EXPORTER_OTLP_ENDPOINT": urls.web_url(optional=True),
    "OTEL_EXPORTER_OTLP_HEADERS": urls.headers(),
    "OTEL_TRACES_SAMPLER_ARG": kinds.number(0, 1),
    "RUNBOOK_URL": urls.page_or_path(),
}
