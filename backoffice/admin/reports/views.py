"""Pages of the sales report and of the exports for the accountant."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.reports import plots
from backoffice.admin.reports.forms import ExportForm, PeriodForm, initial_period
from backoffice.admin.reports.tables import (
    MOST_SHOWN,
    QUESTIONS,
    Question,
    file_rows,
    heads,
    shown_rows,
    total_facts,
)
from backoffice.models import AccountsExport
from checkout.accounting import tables
from checkout.accounting.files import write_csv
from checkout.accounting.journal import entries
from checkout.accounting.movements import known_until
from checkout.accounting.period import Period, last_month, this_month
from checkout.accounting.workbook import Workbook, read_and_remove
from checkout.statistics import selectors as statistics
from checkout.statistics.build import is_current
from shop.forms.read_only import ReadOnlyAdmin

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CSV = "text/csv; charset=utf-8"


class ReportPages(ReadOnlyAdmin):
    """The sales report in the place of a list."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        report, export = wrap(self.report_view), wrap(self.csv_view)
        return [
            path("", report, name="backoffice_salesreport_changelist"),
            path("csv/", export, name="backoffice_salesreport_csv"),
        ]

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """Show one table of the period with its plot."""
        check_permission(request, permissions.VIEW_SALES)
        form, period = _read_period(request)
        name, question = _read_question(request)
        rows = question.read(period) if period else []
        days = {"since": period.since, "until": period.until} if period else {}
        today = timezone.localdate()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sales report"),
            "opts": self.opts,
            "form": form,
            "by": name,
            "tabs": [(key, each.title) for key, each in QUESTIONS.items()],
            "question": question,
            "totals": total_facts(statistics.total(period)) if period else [],
            "plots": plots.draw(rows, str(question.title)) if question.has_plot else [],
            "heads": heads(question),
            "rows": shown_rows(question, rows),
            "is_current": is_current(),
            "hidden": max(0, len(rows) - MOST_SHOWN),
            "days": "&".join(f"{key}={day:%Y-%m-%d}" for key, day in days.items()),
            "presets": [
                (_("This month"), this_month(today)),
                (_("Last month"), last_month(today)),
                (_("This year"), Period(today.replace(month=1, day=1), today)),
            ],
        }
        template = "admin/backoffice/salesreport/report.html"
        status = 200 if period else 422
        return TemplateResponse(request, template, context, status=status)

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """Return the table of the page, all its rows, as CSV."""
        check_permission(request, permissions.VIEW_SALES)
        _form, period = _read_period(request)
        if period is None:
            return self.report_view(request)
        name, question = _read_question(request)
        columns = [*(title for title, _number in heads(question)), gettext("Currency")]
        parts = write_csv(columns, file_rows(question, question.read(period)))
        return _download(parts, _CSV, f"sales-by-{name}", period, "csv")


class ExportPages(ReadOnlyAdmin):
    """The list of exports, and the page that makes one."""

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export_view)
        return [
            path("export/", export, name="backoffice_accountsexport_export"),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for period and format; on POST record the export and send the file."""
        check_permission(request, permissions.EXPORT_ACCOUNTS)
        start = initial_period()
        first = {"since": start.since, "until": start.until}
        form = ExportForm(request.POST if request.method == "POST" else None)
        if request.method != "POST":
            form = ExportForm(initial=first)
        elif form.is_valid():
            return self._export(request, form)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export for the accountant"),
            "opts": self.opts,
            "form": form,
            "known_until": known_until(),
        }
        template = "admin/backoffice/accountsexport/export.html"
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, template, context, status=status)

    def _export(self, request: HttpRequest, form: ExportForm) -> HttpResponseBase:
        period, wanted = form.period, form.cleaned_data["format"]
        # First, so that no data leave the shop without a record.
        AccountsExport.objects.create(
            actor=request.user.get_username(),
            since=period.since,
            until=period.until,
            format=wanted,
        )
        if wanted == AccountsExport.Format.XLSX:
            return _download(_workbook(period), _XLSX, "accounts", period, "xlsx")
        if wanted == AccountsExport.Format.CSV_SUMS:
            return _download(_csv_sums(period), _CSV, "accounts-sums", period, "csv")
        return _download(_csv_journal(period), _CSV, "accounts", period, "csv")


def _csv_journal(period: Period) -> Iterator[str]:
    rows = map(tables.journal_row, entries(period))
    return _speaking(write_csv(tables.journal_columns(), rows))


def _csv_sums(period: Period) -> Iterator[str]:
    sums = tables.Sums()
    for entry in entries(period):
        sums.add(entry)
    return _speaking(write_csv(tables.sum_columns(), sums.rows()))


def _workbook(period: Period) -> Iterator[bytes]:
    folder = TemporaryDirectory()
    file = Path(folder.name) / "accounts.xlsx"
    book, sums = Workbook(file), tables.Sums()
    rows = map(tables.journal_row, sums.watch(entries(period)))
    book.add_sheet(gettext("Entries"), tables.journal_columns(), rows)
    book.add_sheet(gettext("Sums"), tables.sum_columns(), sums.rows())
    book.close()
    return read_and_remove(folder, file)


def _speaking(parts: Iterator[str]) -> Iterator[str]:
    """Yield the parts in the language of now: they are made after the request."""
    language = get_language() or "en"
    while True:
        with override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part


def _download(
    parts: Iterator[Any], kind: str, name: str, period: Period, ending: str
) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(parts, content_type=kind)
    days = f"{period.since:%Y%m%d}-{period.until:%Y%m%d}"
    answer["Content-Disposition"] = f'attachment; filename="{name}-{days}.{ending}"'
    return answer


def _read_period(request: HttpRequest) -> tuple[PeriodForm, Period | None]:
    """Return the form and its period, None if it is wrong; by default this month."""
    start = initial_period()
    first = {"since": start.since.isoformat(), "until": start.until.isoformat()}
    sent = {name: request.GET.get(name) or first[name] for name in first}
    form = PeriodForm(sent)
    return form, form.period if form.is_valid() else None


def _read_question(request: HttpRequest) -> tuple[str, Question]:
    name = request.GET.get("by", "")
    name = name if name in QUESTIONS else "day"
    return name, QUESTIONS[name]
