"""Reports of browsers about the Content-Security-Policy: counted, and told once."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from shop.metrics.csp_reports import MOST_BYTES, TOLD
from shop.metrics.pages import PAGES

SECRET = "5a1d2c3e-0000-4000-8000-0123456789ab"


@pytest.fixture(autouse=True)
def nothing_told() -> None:
    TOLD.forget()


def counted() -> dict[str, float]:
    families = text_string_to_metric_families(generate_latest(PAGES).decode())
    return {
        sample.labels["directive"]: sample.value
        for family in families
        for sample in family.samples
        if sample.name == "todoku_csp_reports_total"
    }


def older(**fields: str) -> dict[str, Any]:
    report = {
        "document-uri": f"http://testserver/orders/{SECRET}/?from={SECRET}",
        "violated-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/steal.js?who=me",
    }
    return {"csp-report": {**report, **fields}}


def newer() -> dict[str, Any]:
    body = {
        "documentURL": f"http://testserver/orders/{SECRET}/",
        "effectiveDirective": "script-src-elem",
        "blockedURL": "https://evil.example/steal.js?who=me",
    }
    return {"type": "csp-violation", "body": body}


def send(client: Client, content: Any, kind: str = "application/csp-report") -> int:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    answer = client.post(reverse("csp_report"), text, content_type=kind)
    return answer.status_code


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (older(), "application/csp-report"),
        ([newer()], "application/reports+json"),
    ],
)
def test_it_is_counted_and_told_without_an_address(
    client: Client, caplog: pytest.LogCaptureFixture, content: Any, kind: str
) -> None:
    before = counted().get("script-src", 0)

    assert send(client, content, kind) == 204

    assert counted()["script-src"] == before + 1
    (line,) = [record.getMessage() for record in caplog.records]
    assert "https://evil.example on checkout:order, by script-src" in line
    assert SECRET not in line
    assert "steal" not in line


def test_the_same_is_told_once_an_hour_and_counted_each_time(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    before = counted().get("script-src", 0)

    for _time in range(3):
        send(client, older())

    assert counted()["script-src"] == before + 3
    assert len(caplog.records) == 1


def test_a_directive_that_the_policy_does_not_have_has_no_label(client: Client) -> None:
    before = counted().get("other", 0)

    send(client, older(**{"violated-directive": "x" * 500}))

    assert counted()["other"] == before + 1
    assert not any("xx" in directive for directive in counted())


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no json",
        "[" * 9_000,
        b"\xff\x00",
        "null",
        "[1, null, {}]",
        {"csp-report": []},
        {"csp-report": {}},
        older(**{"document-uri": "https://other.example/"}),
        older(**{"document-uri": "http://[::1"}),
    ],
)
def test_what_is_no_report_of_ours_says_nothing(
    client: Client, caplog: pytest.LogCaptureFixture, content: Any
) -> None:
    before = counted()

    assert send(client, content) == 204

    assert counted() == before
    assert caplog.records == []


def test_a_refused_address_that_is_none_is_told_as_such(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    send(client, older(**{"blocked-uri": "http://[::1\n"}))

    assert "an address that is none" in caplog.text


def test_a_large_one_is_not_read(client: Client) -> None:
    assert send(client, " " * (MOST_BYTES + 1)) == 413


def test_pages_say_where_to_report(client: Client, db: None) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]

    assert f"report-uri {reverse('csp_report')}" in policy
