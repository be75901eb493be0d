"""Write docs/dashboard-acts.md."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.support.settings")
django.setup()

from django.conf import settings  # noqa: E402

from tests.dashboard_matrix.document import render  # noqa: E402

path = settings.BASE_DIR / "docs" / "dashboard-acts.md"
path.write_text(render(), encoding="utf-8")
