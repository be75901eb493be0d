"""Alerts about reports of the warehouse that are not taken: title and lines."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.aftersales.warehouse import problems
from checkout.aftersales.warehouse.models import WarehouseProblem
from checkout.alerts.notices import Notice, key_of, next_steps
from saga.models import Alert
from shop.formatting import Wording
from shop.web.admin_addresses import list_page

ANCHOR = "an-alert-says-that-reports-of-the-warehouse-are-not-taken"

_Cause = WarehouseProblem.Cause
_REMEDY: dict[str, Wording] = {
    _Cause.BAD_SIGNATURE: _("Compare WAREHOUSE_REPORT_SECRET with the warehouse's."),
    _Cause.STALE_TIMESTAMP: _(
        "Set the clocks right: the signature is the warehouse's."
    ),
    _Cause.TOO_LARGE: _("No report is so large: ask the people of the warehouse."),
}
_SIGNED = _("It is signed and cannot be true: ask the people of the warehouse.")


def write(alert: Alert) -> Notice:
    problem = WarehouseProblem.objects.get(pk=key_of(alert))
    cause = _Cause(problem.cause)
    page = list_page("checkout_warehousereport")
    title = gettext("Reports of the warehouse are not taken: %(cause)s")
    return title % {"cause": cause.label}, [
        gettext("The last one: %(detail)s") % {"detail": problem.detail},
        str(_REMEDY.get(cause, _SIGNED)),
        gettext(
            "Nothing was changed. Shipments go on: the warehouse's status is read."
        ),
        *next_steps(page, ANCHOR),
    ]


WRITERS = {problems.TOPIC: write}
