"""Settings of the bare application, with the shop's database."""

from shop import settings as product

SECRET_KEY = "only-a-benchmark"  # noqa: S105
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "benchmarks.bare.urls"
INSTALLED_APPS = ["benchmarks.bare"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # sets Content-Length
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
    }
]
DATABASES = product.DATABASES
DEFAULT_AUTO_FIELD = product.DEFAULT_AUTO_FIELD
USE_TZ = True
USE_I18N = False
LOGGING_CONFIG = None
