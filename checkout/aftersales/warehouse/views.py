"""The address at which the warehouse reports: verify, take, answer."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from checkout.aftersales.warehouse import problems, reports
from checkout.aftersales.warehouse.messages import LARGEST_BODY
from checkout.aftersales.warehouse.models import WarehouseProblem, WarehouseReport
from checkout.aftersales.warehouse.reports import ReportRefused
from shop.outbound.standard_webhooks import SignatureRefused, verify

_TOO_LARGE = WarehouseProblem.Cause.TOO_LARGE
_Refused = WarehouseReport.Refused
_CODES = {
    _Refused.UNREADABLE.value: 400,
    _Refused.UNKNOWN_SHIPMENT.value: 404,
    _Refused.UNKNOWN_RETURN.value: 404,
    _Refused.WRONG_ITEMS.value: 422,
    _Refused.TOO_MANY_UNITS.value: 422,
    _Refused.SEQUENCE_TAKEN.value: 409,
    _Refused.REUSED_ID.value: 409,
}


@csrf_exempt  # signed by the warehouse instead
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """Take one report of the warehouse: 200 for one that is taken, or was before."""
    if _announced_size(request) > LARGEST_BODY:
        message = f"a report has at most {LARGEST_BODY} bytes"
        problems.count(_TOO_LARGE, message)
        return _error(413, _TOO_LARGE.value, message)
    body = request.body
    try:
        secrets = settings.WAREHOUSE_REPORT_SECRETS
        message_id = verify(body, request.headers, secrets)
    except SignatureRefused as error:
        problems.count(error.code, str(error))
        return _error(401, error.code, str(error))
    try:
        is_new = reports.receive(message_id, body)
    except ReportRefused as error:
        return _error(_CODES[error.code], error.code, str(error))
    return JsonResponse({"taken": True, "again": not is_new})


def _announced_size(request: HttpRequest) -> int:
    """Return the size that the request says it has: no more than that is read."""
    length = request.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _error(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)
