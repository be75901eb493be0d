"""The daily close: figures, account, differences, accounting, payout."""

from datetime import date, time, timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.status.names import STRIPE
from flows.alerts import channels
from flows.daily_close import steps
from flows.daily_close.models import DailyClose
from flows.registry import Flow, external, local, register_flow
from saga.definition import Definition
from saga.schedules import Every, Schedule, register_schedule
from saga.step import Approval
from shop import database_clock
from shop.web.admin_addresses import row_page

ACCEPT = Approval(
    _("The shop's figures and the account differ. Accept the differences?"),
    permission="checkout.explain_mismatch",
    within=timedelta(days=14),
)


def read_day(typed: str) -> str:
    """Return the day as the reference. Raises ValueError unless it has ended."""
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise ValueError(gettext("Write the day as 2026-11-30.")) from None
    if day >= database_clock.read_day():
        raise ValueError(gettext("This day has not ended yet."))
    return day.isoformat()


def _page(about: str) -> str:
    row = DailyClose.objects.filter(day=about).first()
    return row_page("flows_dailyclose", row.pk) if row else ""


DAILY_CLOSE = Definition(
    name="daily_close",
    version=1,
    title=_("Daily close"),
    channels=channels,
    background=True,
    steps=(
        local("add_up", _("Add up the day"), steps.add_up, steps.forget),
        external(
            "read_account",
            _("Read the provider's account"),
            steps.read_account,
            steps.record_reading,
            dependency=STRIPE,
        ),
        local(
            "compare",
            _("Compare both"),
            steps.compare,
            choices=("accept_differences", "send_figures"),
        ),
        local(
            "accept_differences",
            _("Accept the differences"),
            steps.accept,
            approval=ACCEPT,
        ),
        external(
            "send_figures",
            _("Send the figures to accounting"),
            steps.send_figures,
            steps.record_sent,
        ),
        local(
            "await_payout", _("Wait for the payout"), steps.await_payout, skippable=True
        ),
    ),
)
FLOW = register_flow(
    Flow(
        DAILY_CLOSE,
        _(
            "Adds up a day, compares it with the provider's account, sends the figures "
            "to accounting and waits for the payout."
        ),
        permission="backoffice.export_accounts",
        read_reference=read_day,
        hint=_("The day, such as 2026-11-30."),
        page=_page,
    )
)
register_schedule(Schedule(DAILY_CLOSE, Every.DAY, time(3)))
