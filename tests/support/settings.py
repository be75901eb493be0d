"""The shop's settings as tests see them: nothing of the developer's machine is used.

Whatever the shell or .env says about the shop is dropped, DATABASE_URL alone is
honoured: the same tests run on SQLite without it and on PostgreSQL with it.
"""

import os
import tempfile
from pathlib import Path

from tests.support.variables import settings_variables

for name in settings_variables() - {"DATABASE_URL"}:
    os.environ.pop(name, None)

# The first process makes the folder, parallel test processes share it.
if "TODOKU_TESTS" not in os.environ:
    os.environ["TODOKU_TESTS"] = tempfile.mkdtemp(prefix="todoku-tests-")
ROOT = Path(os.environ["TODOKU_TESTS"])
OWN = ROOT / os.environ.get("PYTEST_XDIST_WORKER", "main")
OWN.mkdir(parents=True, exist_ok=True)
os.environ["ENV_FILE"] = str(ROOT / "no.env")
os.environ["DATA_DIR"] = str(OWN)

from shop import settings as product  # noqa: E402

globals().update(
    {name: value for name, value in vars(product).items() if name.isupper()}
)

STATIC_ROOT = OWN / "static"
STATIC_ROOT.mkdir(exist_ok=True)
# Each test's client begins anew: static files are looked for when they are asked for.
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Messages go to this process's memory and nobody consumes them: a test that wants
# them carried uses the real processes (the live_stack fixture).
CELERY_BROKER_URL = "memory://"

DATABASES = product.DATABASES
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads then meet as real connections do.
    DATABASES["default"]["TEST"] = {"NAME": str(OWN / "test.sqlite3")}
    # The same journal as in the shop; only the wait for the disk is left out.
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    )
