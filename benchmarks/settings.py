"""The shop's settings, with a gateway and a mail server that take no time."""

from shop.settings import *  # noqa: F403
from shop.settings import INSTALLED_APPS

PAYMENT_GATEWAY = "benchmarks.gateway.instant_gateway"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.naive"]
LOGGING_CONFIG = None
