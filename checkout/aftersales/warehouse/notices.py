"""Alerts about reports of the warehouse that are not taken: title and lines."""

from django.urls import reverse

from checkout.aftersales.warehouse import problems
from checkout.aftersales.warehouse.models import WarehouseProblem
from checkout.alerts.notices import Notice, key_of, next_steps
from saga.models import Alert

ANCHOR = "an-alert-says-that-reports-of-the-warehouse-are-not-taken"

_Cause = WarehouseProblem.Cause
_REMEDY = {
    _Cause.BAD_SIGNATURE: "Compare WAREHOUSE_REPORT_SECRET with the warehouse's.",
    _Cause.STALE_TIMESTAMP: "Set the clocks right: the signature is the warehouse's.",
    _Cause.TOO_LARGE: "No report is so large: ask the people of the warehouse.",
}
_SIGNED = "It is signed and cannot be true: ask the people of the warehouse."


def write(alert: Alert) -> Notice:
    problem = WarehouseProblem.objects.get(pk=key_of(alert))
    cause = _Cause(problem.cause)
    page = reverse("admin:checkout_warehousereport_changelist")
    return f"Reports of the warehouse are not taken: {cause.value}", [
        f"The last one: {problem.detail}",
        _REMEDY.get(cause, _SIGNED),
        "Nothing was changed. Shipments go on: the warehouse's status is read.",
        *next_steps(page, ANCHOR),
    ]


WRITERS = {problems.TOPIC: write}
