"""What each process has in memory: no pages where none are shown (docs/adr/0044)."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver

ROOT = Path(settings.BASE_DIR)
OURS = "saga|orders|inventory|events|outgoing|flows|checkout|shop|backoffice|api"
LINK = re.compile(r"\breverse\(\s*['\"](\w+:)?(\w+)['\"]")
READ = """
import json, sys
sys.argv = {argv!r}
import django
django.setup()
import shop.celery
shop.celery.app.autodiscover_tasks(force=True)
import checkout.periodic_jobs, saga.sweeper
print(json.dumps([name for name in sys.modules]))
"""


@cache
def loaded(*argv: str) -> list[str]:
    """Return the modules of a process with this command line, before any link."""
    done = subprocess.run(
        [sys.executable, "-c", READ.format(argv=list(argv))],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return names


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "shop.settings",
    }


def links_of(modules: Sequence[str]) -> set[tuple[str, str]]:
    """Return (namespace, name) of the links that our modules among these reverse.

    What handles requests is left out: these processes get none.
    """
    links = set()
    for module in modules:
        if re.match(rf"({OURS})\.", module):
            spec = find_spec(module)
            assert spec is not None
            assert spec.origin is not None
            source = Path(spec.origin).read_text(encoding="utf-8")
            links |= set(LINK.findall(source)) if "HttpRequest" not in source else set()
    return links


@pytest.mark.parametrize(
    "argv", [("celery", "--app", "shop", "worker"), ("manage.py", "sweeper")]
)
def test_who_shows_no_page_loads_none(argv: tuple[str, ...]) -> None:
    modules = loaded(*argv)

    assert "checkout.flow.definition" in modules
    pages = re.compile(r"api\.urls|backoffice\.admin|.*[._]views")
    ours = re.compile(OURS)
    assert [name for name in modules if ours.match(name) and pages.match(name)] == []
    assert {"strawberry", "reportlab", "xlsxwriter", "python_calamine"}.isdisjoint(
        modules
    )


def test_every_link_of_theirs_is_in_their_table() -> None:
    table = get_resolver("shop.storefront_urls")
    links = links_of(loaded("celery", "--app", "shop", "worker"))

    assert ("checkout:", "order") in links
    unknown = [
        f"{namespace}{name}"
        for namespace, name in links
        if (namespace and namespace[:-1] not in table.namespace_dict)
        or (not namespace and name not in table.reverse_dict)
    ]
    assert unknown == []


def test_the_web_loads_every_page_before_it_forks() -> None:
    read = (
        "import json, sys, shop.wsgi;"
        "from django.utils.translation import trans_real;"
        "print(json.dumps([[*sys.modules], [*trans_real._translations]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", read],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    modules, languages = json.loads(done.stdout.splitlines()[-1])

    assert {
        "api.urls",
        "backoffice.admin",
        "checkout.urls",
        "shop.customers.urls",
    } <= set(modules)
    assert {code for code, _name in settings.LANGUAGES} <= set(languages)
