"""Times name the zone in which they are, whatever TIME_ZONE is."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings

from checkout.card_testing.errors import TooManyCards
from checkout.reconciliation.models import ReconciliationRun
from shop.formatting import clock_time, date_and_time, zone_name

ROOT = Path(__file__).parents[2]
WINTER = datetime(2026, 1, 15, 3, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 3, 30, tzinfo=UTC)
ROOMS = ("shop", "backoffice", "checkout", "saga", "orders", "inventory", "events")
ITS_PLACES = {
    "shop/formatting.py",
    "backoffice/admin/announcements/forms.py",  # the format of an input of HTML
    "shop/forms/inline_rows.py",  # likewise
    "backoffice/admin/dashboard/plot.py",  # hours of the admin, likewise
    "backoffice/admin/promotions/views.py",  # a file's name
    "checkout/flow/errors.py",  # an error's text, which names UTC
    "checkout/accounting/tables.py",  # the accountant's file, in the shop's zone
    "saga/models/metric.py",  # on pages of the admin, whose footer names the zone
}


@pytest.mark.parametrize(
    ("name", "when", "language", "said"),
    [
        ("Asia/Tokyo", WINTER, "en", "12:30 (Japan time)"),
        ("Asia/Tokyo", WINTER, "ja", "12:30（日本時間）"),  # noqa: RUF001
        ("Europe/Paris", WINTER, "en", "04:30 (CET, UTC+1)"),
        ("Europe/Paris", SUMMER, "ja", "05:30（CEST, UTC+2）"),  # noqa: RUF001
        ("Asia/Shanghai", WINTER, "en", "11:30 (CST, UTC+8)"),
        ("America/Chicago", WINTER, "en", "21:30 (CST, UTC-6)"),
        ("Asia/Kathmandu", WINTER, "en", "09:15 (UTC+5:45)"),
        ("America/Sao_Paulo", WINTER, "en", "00:30 (UTC-3)"),
        ("UTC", WINTER, "en", "03:30 (UTC)"),
    ],
)
def test_a_zone_is_named(
    settings: Settings, name: str, when: datetime, language: str, said: str
) -> None:
    settings.TIME_ZONE = name

    with translation.override(language):
        assert clock_time(when) == said
        assert date_and_time(when).endswith(said)
        assert zone_name(when) in said


def texts_with_deadlines() -> list[str]:
    """Return every text for customers that names a time of the day."""
    order = SimpleNamespace(total=None, number="1", email="a@b.example")
    voucher = SimpleNamespace(expires_at=WINTER, stores=[])
    context = {
        "order": order,
        "voucher": voucher,
        "progress": SimpleNamespace(deadline=WINTER),
    }
    names = [
        str(path.relative_to(ROOT / "templates"))
        for path in (ROOT / "templates").rglob("*")
        if path.suffix in {".html", ".txt"} and "|zone" in path.read_text()
    ]
    return [
        *(render_to_string(name, context) for name in names),
        TooManyCards("192.0.2.1", WINTER).sentence,
    ]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_text_names_japan_when_the_shop_is_elsewhere(
    settings: Settings, language: str
) -> None:
    settings.TIME_ZONE = "Europe/Paris"

    with translation.override(language):
        texts = texts_with_deadlines()

    assert len(texts) == 6
    for text in texts:
        assert re.search("4[:時]30", text)
        assert "CET, UTC+1" in text
        assert "Japan" not in text
        assert "日本時間" not in text


def test_no_template_and_no_module_writes_a_zone_or_a_time_by_itself() -> None:
    sources = [
        path
        for folder in (*ROOMS, "templates")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".txt"}
    ]
    by_hand = {
        str(path.relative_to(ROOT))
        for path in sources
        if "Japan time" in path.read_text() or "%H:%M" in path.read_text()
    }

    assert by_hand == ITS_PLACES


def test_a_customer_s_deadline_stands_beside_its_zone() -> None:
    for path in (ROOT / "templates").rglob("*"):
        inside_admin = "admin" in path.parts
        if path.suffix not in {".html", ".txt"} or inside_admin:
            continue
        for line in path.read_text().splitlines():
            if re.search(r'\|time:"|\|date:"(SHORT_)?DATETIME_FORMAT"', line):
                assert "|zone" in line, path


def test_days_are_those_of_the_shop_s_zone(settings: Settings) -> None:
    late = WINTER.replace(hour=23)
    run = ReconciliationRun(since=late - timedelta(days=14), until=late)

    assert str(run) == "2026-01-02 - 2026-01-16"
    settings.TIME_ZONE = "America/Chicago"
    assert str(run) == "2026-01-01 - 2026-01-15"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "said"), [("en", "Times are in CE"), ("ja", "時刻はCE")]
)
def test_the_admin_says_in_which_zone_its_times_are(
    admin_client: Client, settings: Settings, language: str, said: str
) -> None:
    settings.TIME_ZONE = "Europe/Paris"

    page = admin_client.get("/admin/", headers={"accept-language": language})

    assert said in page.content.decode()
