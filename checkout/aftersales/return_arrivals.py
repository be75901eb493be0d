"""Returns that arrive at the warehouse: its report books them as staff would.

Those who have the goods in hand say which units can be sold again. The stock is booked
and the customer is mailed; the refund stays with a person of the shop.
"""

from checkout.aftersales.returns import services
from checkout.aftersales.warehouse import reports
from checkout.aftersales.warehouse.messages import ArrivedItem, Report
from checkout.aftersales.warehouse.models import WarehouseOrder, WarehouseReport
from checkout.aftersales.warehouse.reports import ReportRefused
from checkout.aftersales.warehouse.shipping.shortage import WAREHOUSE_ACTOR
from inventory.errors import NotShipped
from orders.errors import ReturnMoved
from orders.models import Return, ReturnLine
from orders.transitions.returns import Outcome

_Refused = WarehouseReport.Refused


def arrive(row: WarehouseOrder, report: Report) -> None:
    """Book the parcel of the approved return that has these items, the oldest first.

    Raises ReportRefused, and then changes nothing.
    """
    awaited = Return.objects.filter(order=row.order, status=Return.Status.APPROVED)
    found = list(awaited.select_related("order").order_by("pk"))
    if not found:
        why = f"no return of {report.shipment} is awaited"
        raise ReportRefused(_Refused.UNKNOWN_RETURN, why)
    refusal: ReportRefused | None = None
    for returned in found:
        try:
            outcomes = _outcomes(returned, report.arrived)
        except ReportRefused as error:
            refusal = refusal or error
            continue
        _receive(returned, outcomes)
        return
    if refusal:
        raise refusal


def _receive(returned: Return, outcomes: list[Outcome]) -> None:
    try:
        services.receive(returned, outcomes, WAREHOUSE_ACTOR)
    except (ReturnMoved, NotShipped) as error:
        # A colleague recorded it just now, or the ledger does not know the units.
        raise ReportRefused(_Refused.UNKNOWN_RETURN, str(error)) from error


def _outcomes(returned: Return, items: tuple[ArrivedItem, ...]) -> list[Outcome]:
    """Return what became of the units of each line. Raises ReportRefused."""
    lines = list(returned.lines.select_related("line", "substitute"))
    strange = sorted({item.sku for item in items} - {row.goods.sku for row in lines})
    if strange:
        why = f"not awaited: {', '.join(strange)}"
        raise ReportRefused(_Refused.WRONG_ITEMS, why)
    found: list[Outcome] = []
    for item in items:
        mine = [row for row in lines if row.goods.sku == item.sku]
        found.extend(_shared_out(mine, item))
    return found


def _shared_out(lines: list[ReturnLine], item: ArrivedItem) -> list[Outcome]:
    """Share the units of one SKU out among the lines that await it."""
    restocked, scrapped = item.restocked, item.scrapped
    found = []
    for row in lines:
        sold = min(restocked, row.quantity)
        unfit = min(scrapped, row.quantity - sold)
        restocked, scrapped = restocked - sold, scrapped - unfit
        found.append(Outcome(row, restocked=sold, scrapped=unfit))
    if restocked or scrapped:
        why = f"more than awaited: {item.sku}"
        raise ReportRefused(_Refused.TOO_MANY_UNITS, why)
    return found


reports.take_returns_by(arrive)
