"""Rules and dashboard ask for what the shop answers, and say what to do."""

import json
import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from prometheus_client import generate_latest
from prometheus_client.registry import CollectorRegistry

from shop.metrics.pages import PAGES
from shop.metrics.state import State

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "todoku.json"
PAGE = ROOT / "docs" / "operations" / "monitoring.md"
PROMTOOL = shutil.which("promtool")
_NAME = re.compile(r"\btodoku_\w+")
# How the series of a metric are made one, and its name.
_INNERMOST = re.compile(
    r"(sum|max|min)(?: (?:by|without) \([^)]*\))?\s*"
    r"\((?:(?:rate|increase)\()?(todoku_\w+)"
)


@pytest.fixture
def known(db: None) -> set[str]:
    """Return the names of all metrics, as ``# TYPE`` lines give them."""
    import_module(settings.ROOT_URLCONF)  # the pages register what they count
    state = CollectorRegistry()
    state.register(State())
    text = (generate_latest(PAGES) + generate_latest(state)).decode()
    return set(re.findall(r"^# TYPE (\w+) (?!gauge$.*_created)", text, re.MULTILINE))


def base(name: str) -> str:
    return re.sub(r"_(bucket|sum|count)$", "", name)


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def test_rules_dashboard_and_page_name_only_what_is_answered(known: set[str]) -> None:
    rules, page = RULES.read_text(), PAGE.read_text()
    queries = " ".join(t["expr"] for panel in panels() for t in panel["targets"])

    for text in (rules, page, queries):
        assert {base(name) for name in _NAME.findall(text)} <= known


def test_what_every_host_answers_alike_is_not_added_up() -> None:
    """Two web hosts would double what both read from the database."""
    queries = [target["expr"] for panel in panels() for target in panel["targets"]]
    found = _INNERMOST.findall("\n".join([RULES.read_text(), *queries]))

    added = [
        name
        for how, name in found
        if how == "sum" and not name.startswith("todoku_http_")
        # Of a histogram only the shares count.
        if not name.endswith("_bucket")
    ]

    assert ("max", "todoku_step_tries_total") in found
    assert added == []


def test_the_page_explains_every_metric(known: set[str]) -> None:
    explained = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE))

    assert explained == {name for name in known if not name.endswith("_created")}


def test_every_alert_has_a_section_that_says_what_to_do() -> None:
    alerts = re.findall(r"alert: (\w+)", RULES.read_text())
    link = rf'runbook: "{PAGE.relative_to(ROOT)}#(\w+)"'
    targets = re.findall(link, RULES.read_text())
    sections = re.findall(r"^### (\w+)$", PAGE.read_text(), re.MULTILINE)

    assert targets == [name.lower() for name in alerts]
    assert sections == alerts


def test_panels_do_not_lie_over_one_another() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()]

    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in panels()}) == len(places)


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is missing")
def test_prometheus_takes_the_rules() -> None:
    done = subprocess.run(
        [str(PROMTOOL), "check", "rules", str(RULES)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout
