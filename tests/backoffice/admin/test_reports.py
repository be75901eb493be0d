"""Staff read the sales report and export data for the accountant."""

import io
import zipfile

import pytest
from django.test import Client

from backoffice.models import AccountsExport
from checkout.statistics.models import StatisticsBuild
from tests.checkout.accounting.ledgers import charged, refunded
from tests.support.staff import make_staff

pytestmark = pytest.mark.django_db
REPORT = "/admin/backoffice/salesreport/"
EXPORT = "/admin/backoffice/accountsexport/export/"
MARCH = "since=2026-03-01&until=2026-03-31"
FORM = {"since": "2026-03-01", "until": "2026-03-31"}


@pytest.fixture(autouse=True)
def begun() -> None:
    """Let the statistics be built at this moment: these orders have no events."""
    StatisticsBuild.objects.create()


@pytest.fixture
def accountant(client: Client) -> Client:
    user = make_staff("view_salesreport", "export_accounts", "view_accountsexport")
    client.force_login(user)
    return client


def body(answer: object) -> bytes:
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


@pytest.mark.parametrize("by", ["day", "product", "category", "rate", "refunds", "?"])
def test_every_table_is_shown(accountant: Client, by: str) -> None:
    refunded(charged(), 1000)

    answer = accountant.get(f"{REPORT}?by={by}&{MARCH}")

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "¥6,000" in html
    assert "¥1,000" in html
    assert " style=" not in html
    plots = 0 if by == "refunds" else 1
    assert html.count('<figure class="plot">') == plots
    assert html.count("<desc id=") == plots


def test_the_report_says_where_its_figures_come_from(accountant: Client) -> None:
    charged()
    building = accountant.get(f"{REPORT}?by=day&{MARCH}").content.decode()
    StatisticsBuild.objects.all().delete()
    current = accountant.get(f"{REPORT}?by=day&{MARCH}").content.decode()

    assert "¥6,000" in building
    assert "statistics_build" in building
    assert "¥6,000" not in current
    assert "within seconds" in current


def test_the_csv_has_the_page_s_figures(accountant: Client) -> None:
    refunded(charged(), 1000)

    text = body(accountant.get(f"{REPORT}csv/?by=rate&{MARCH}")).decode()

    assert text.splitlines()[1:] == [
        "10 %,1,4200,700,3500,318,JPY",
        "8 %,1,1800,300,1500,111,JPY",
    ]


@pytest.mark.parametrize(
    "period",
    ["since=2026-04-01&until=2026-03-01", "since=x&until=y", "since=1900-01-01"],
)
def test_a_period_that_cannot_be_is_refused(accountant: Client, period: str) -> None:
    assert accountant.get(f"{REPORT}?{period}").status_code == 422
    assert accountant.get(f"{REPORT}csv/?{period}").status_code == 422


def test_without_sales_the_page_says_so(accountant: Client) -> None:
    html = accountant.get(REPORT).content.decode()

    assert "Nothing was charged or refunded in this period." in html


def test_a_csv_export_is_recorded_and_complete(accountant: Client) -> None:
    order = charged()
    refunded(order, 1000, reason="=HYPERLINK(1)")

    answer = accountant.post(EXPORT, {**FORM, "format": "csv-journal"})

    text = body(answer).decode()
    assert answer["Content-Disposition"] == (
        'attachment; filename="accounts-20260301-20260331.csv"'
    )
    assert text.startswith("\ufeffDay,Time,Kind,Order")
    assert text.count(order.number) == 4
    assert "'=HYPERLINK(1)" in text
    assert ",-700,-64,-636,JPY" in text
    record = AccountsExport.objects.get()
    assert (record.actor, record.format) == ("yuki", "csv-journal")
    assert (
        "yuki" in accountant.get("/admin/backoffice/accountsexport/").content.decode()
    )


def test_sums_are_by_day_kind_and_rate(accountant: Client) -> None:
    charged()

    text = body(accountant.post(EXPORT, {**FORM, "format": "csv-sums"})).decode()

    assert text.splitlines()[1:] == [
        "2026-03-02,Sale,10,JP,1,4200,382,3818,JPY",
        "2026-03-02,Sale,8,JP,1,1800,133,1667,JPY",
    ]


def test_the_file_is_in_the_language_of_the_page(accountant: Client) -> None:
    charged()

    answer = accountant.post(
        EXPORT, {**FORM, "format": "csv-journal"}, headers={"accept-language": "ja"}
    )

    assert "売上" in body(answer).decode()


def test_a_workbook_has_both_sheets(accountant: Client) -> None:
    charged()

    content = body(accountant.post(EXPORT, {**FORM, "format": "xlsx"}))

    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        sheets = [name for name in book.namelist() if "worksheets/sheet" in name]
        assert len(sheets) == 2
        assert b"4200" in book.read("xl/worksheets/sheet1.xml")


def test_a_wrong_period_exports_nothing(accountant: Client) -> None:
    sent = {"since": "2026-03-31", "until": "2026-03-01", "format": "xlsx"}

    assert accountant.post(EXPORT, sent).status_code == 422

    assert AccountsExport.objects.count() == 0


def test_it_needs_permissions_of_its_own(client: Client) -> None:
    client.force_login(make_staff("view_order", name="miru"))

    assert client.get(REPORT).status_code == 403
    assert client.get(f"{REPORT}csv/").status_code == 403
    assert client.get(EXPORT).status_code == 403
    assert client.post(EXPORT, {**FORM, "format": "xlsx"}).status_code == 403
    assert AccountsExport.objects.count() == 0
