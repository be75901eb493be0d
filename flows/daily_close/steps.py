"""What the steps of the daily close do."""

from datetime import date, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext

from checkout.accounting.files import write_csv
from checkout.accounting.models import AccountReading
from checkout.accounting.movements import fetch_movements
from checkout.accounting.period import Period
from checkout.accounting.tables import sum_columns
from checkout.payments.gateway import PaymentError
from flows.daily_close import figures
from flows.daily_close.models import DailyClose
from flows.services import about_of
from saga.errors import ManualIntervention, Retry
from saga.results import Choice, Wait
from saga.step import Context
from shop import database_clock

LOOK_AGAIN = timedelta(hours=6)
# Providers pay out within days; after these somebody must ask.
PAYOUT_WITHIN = timedelta(days=14)


def day_of(context: Context) -> date:
    return date.fromisoformat(about_of(context))


def add_up(context: Context) -> dict[str, int]:
    """Store the day's figures."""
    day = day_of(context)
    found = figures.read_day(day)
    values = {**found, "currency": settings.CURRENCY}
    DailyClose.objects.update_or_create(day=day, defaults=values)
    return found


def forget(context: Context) -> None:
    DailyClose.objects.filter(day=day_of(context)).delete()


def read_account(_context: Context) -> AccountReading:
    """Fetch the account's movements until now. Twice is once."""
    try:
        return fetch_movements()
    except PaymentError as error:
        message = f"the account could not be read: {error}"
        raise Retry(message) from error


def record_reading(_context: Context, reading: AccountReading) -> dict[str, int]:
    return {"added": reading.added, "unreadable": reading.unreadable}


def compare(context: Context) -> Choice:
    """Go on, past the decision of a person, if both books say the same."""
    lines = figures.find_differences(day_of(context))
    named = lines[: figures.MOST_NAMED]
    if more := len(lines) - len(named):
        named.append(f"+{more}")
    DailyClose.objects.filter(day=day_of(context)).update(differences=named)
    way = "accept_differences" if lines else "send_figures"
    return Choice(way, {"count": len(lines)})


def accept(context: Context) -> dict[str, str]:
    """Note who accepted the differences."""
    by = (context.answer or {})["by"]
    DailyClose.objects.filter(day=day_of(context)).update(accepted_by=by)
    return {"by": by}


def send_figures(context: Context) -> list[str]:
    """Mail the day's sums to ACCOUNTING_EMAILS, if there are any."""
    to, day = list(settings.ACCOUNTING_EMAILS), day_of(context)
    if to:
        with translation.override(settings.STAFF_LANGUAGE):
            subject = gettext("Figures of %(day)s") % {"day": day}
            mail = EmailMessage(subject, gettext("The sums are attached."), None, to)
            csv = "".join(write_csv(sum_columns(), figures.sums(day)))
        mail.attach(f"{day}.csv", csv, "text/csv")
        try:
            mail.send()
        except OSError as error:
            message = f"the mail server did not take the figures: {error}"
            raise Retry(message) from error
    return to


def record_sent(context: Context, to: list[str]) -> dict[str, int]:
    DailyClose.objects.filter(day=day_of(context)).update(sent_to=to)
    return {"addresses": len(to)}


def await_payout(context: Context) -> Wait | None:
    """Wait until the provider has paid out what came in; at last alert staff."""
    now = database_clock.read()
    if figures.is_paid_out(day_of(context)):
        DailyClose.objects.filter(day=day_of(context)).update(paid_out_at=now)
        return None
    if now > Period(day_of(context), day_of(context)).end + PAYOUT_WITHIN:
        message = "the provider has not paid out the day's money: ask it, then resume"
        raise ManualIntervention(message)
    return Wait(now + LOOK_AGAIN, "payout")
