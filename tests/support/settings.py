"""The settings of tests, independent of the developer's machine.

Variables of the shell and .env are ignored, except DATABASE_URL: without it the tests
run on SQLite, with it on PostgreSQL.
"""

import os
import tempfile
from pathlib import Path

from tests.support.variables import settings_variables

for name in settings_variables() - {"DATABASE_URL"}:
    os.environ.pop(name, None)
    os.environ.pop(f"{name}_FILE", None)

# The first process makes the folder; parallel test processes share it.
if "TODOKU_TESTS" not in os.environ:
    os.environ["TODOKU_TESTS"] = tempfile.mkdtemp(prefix="todoku-tests-")
ROOT = Path(os.environ["TODOKU_TESTS"])
OWN = ROOT / os.environ.get("PYTEST_XDIST_WORKER", "main")
OWN.mkdir(parents=True, exist_ok=True)
os.environ["ENV_FILE"] = os.devnull
os.environ["DATA_DIR"] = str(OWN)

from shop import settings as product  # noqa: E402

globals().update(
    {name: value for name, value in vars(product).items() if name.isupper()}
)

# What the demo's profile says, which most tests have no need to make.
SHOP_NAME = {"en": "Minato TV Shop", "ja": "みなと TV ショップ"}
STATIC_ROOT = OWN / "static"
STATIC_ROOT.mkdir(exist_ok=True)
# Find static files when they are requested, not at the start of every test, and by
# their own names: tests/shop/web/test_static_files.py collects them.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
STORAGES = {
    **product.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
INSTALLED_APPS = [*product.INSTALLED_APPS, "tests.support.emptying"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Messages stay in this process's memory. A test that needs workers uses the fixture
# live_stack.
CELERY_BROKER_URL = "memory://"

DATABASES = product.DATABASES
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: then threads have real connections.
    DATABASES["default"]["TEST"] = {"NAME": str(OWN / "test.sqlite3")}
    # The same journal as in the shop, without waiting for the disk.
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    )

# Every page is made when it is asked for: stock and stopped clocks show at once.
# Tests of the page cache use the fixture kept_pages.
GUEST_PAGE_SECONDS = 0.0
