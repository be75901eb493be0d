"""Take the reports of the warehouse: check, store, apply in their order, wake the saga.

A report is stored once under its message's id. It is applied when all reports with an
earlier sequence number are; where one is missing, the saga asks for the status, which
stands for all of them.
"""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db import IntegrityError, transaction

from checkout.aftersales.warehouse import problems
from checkout.aftersales.warehouse.messages import (
    Kind,
    Report,
    read_report,
    report_from,
)
from checkout.aftersales.warehouse.models import WarehouseOrder, WarehouseReport
from checkout.aftersales.warehouse.port import ParcelReport, Status
from checkout.aftersales.warehouse.progress import advanced, sent, units
from checkout.payments.provider_fields import Unreadable
from shop.database_clock import Now
from shop.text.stored import storable

_LONGEST_DETAIL = 300
_LONGEST_BODY = 4000
_Refused = WarehouseReport.Refused
# Told of every order about which something new is known; see ``listen``.
_listeners: list[Callable[[str], object]] = []
# Books the returns that arrive at the warehouse; see ``take_returns_by``.
_takers: list[Callable[[WarehouseOrder, Report], None]] = []


class ReportRefused(Exception):
    """The report is not taken, and changed nothing. ``code`` is its cause."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def listen(wake: Callable[[str], object]) -> None:
    """Call ``wake`` with the order's number whenever the warehouse has said something.

    In the transaction that stores it. Sagas that wait for the warehouse register here.
    """
    if wake not in _listeners:
        _listeners.append(wake)


def take_returns_by(take: Callable[[WarehouseOrder, Report], None]) -> None:
    """Have ``take`` book each return that arrives at the warehouse, or refuse it.

    It is called with the order's row and the report, in the transaction that stores
    it, and raises ReportRefused.
    """
    if take not in _takers:
        _takers.append(take)


def receive(message_id: str, body: bytes) -> bool:
    """Take a report whose signature was verified. Return False if it was taken before.

    Raises ReportRefused; then it is stored for staff, and nothing else was changed.
    """
    digest = hashlib.sha256(body).hexdigest()
    try:
        with transaction.atomic():
            refusal = _take(message_id, body, digest)
    except IntegrityError:
        # Another process stored it at this moment.
        if not WarehouseReport.objects.filter(message_id=message_id).exists():
            raise
        with transaction.atomic():
            refusal = _take(message_id, body, digest)
    if isinstance(refusal, ReportRefused):
        problems.count(refusal.code, f"{message_id}: {refusal}")
        raise refusal
    return refusal


def learn(row: WarehouseOrder, status: Status) -> bool:
    """Store an answer of the warehouse if it is newer than what is known.

    It stands for all reports up to its sequence number. Call it in a transaction that
    has locked the row. Return whether it was newer.
    """
    first = row.standing == WarehouseOrder.Standing.ASKED
    if status.sequence < row.sequence or (
        status.sequence == row.sequence and not first
    ):
        return False
    _write(row, status)
    row.reports.waiting().filter(sequence__lte=status.sequence).update(applied_at=Now())
    apply_waiting(row, status.shipment)
    return True


def lock(number: str) -> WarehouseOrder | None:
    """Return the row of an order or exchange, locked; None if it was never asked."""
    rows = WarehouseOrder.objects.select_for_update(of=("self",))
    return rows.named([number]).first()


def _take(message_id: str, body: bytes, digest: str) -> bool | ReportRefused:
    """Store the report and apply what can be applied. Return whether it is new."""
    known = WarehouseReport.objects.filter(message_id=message_id).first()
    if known:
        return _again(known, digest)
    try:
        report = read_report(body)
    except Unreadable as error:
        return _refuse(message_id, body, digest, None, _Refused.UNREADABLE, str(error))
    row = lock(report.shipment)
    if row is None:
        why = f"no shipment {report.shipment} was requested"
        return _refuse(message_id, body, digest, None, _Refused.UNKNOWN_SHIPMENT, why)
    if report.kind is Kind.RETURN_ARRIVED:
        return _take_return(message_id, body, digest, row, report)
    refused, why = _objection(row, report)
    if refused:
        return _refuse(message_id, body, digest, row, refused, why)
    WarehouseReport.objects.create(
        message_id=message_id,
        at=row,
        kind=report.kind.value,
        sequence=report.sequence,
        digest=digest,
        content=report.stored(),
        # What a status has told already has nothing to add.
        applied_at=Now() if report.sequence <= row.sequence else None,
    )
    apply_waiting(row, report.shipment)
    for wake in _listeners:
        wake(report.shipment)
    return True


def _take_return(
    message_id: str, body: bytes, digest: str, row: WarehouseOrder, report: Report
) -> bool | ReportRefused:
    """Store that a return arrived, and have it booked."""
    try:
        with transaction.atomic():
            for take in _takers:
                take(row, report)
    except ReportRefused as error:
        why = str(error)
        return _refuse(message_id, body, digest, row, _Refused(error.code), why)
    WarehouseReport.objects.create(
        message_id=message_id,
        at=row,
        kind=report.kind.value,
        digest=digest,
        content=report.stored(),
        applied_at=Now(),
    )
    return True


def _again(known: WarehouseReport, digest: str) -> bool | ReportRefused:
    if known.digest != digest:
        return ReportRefused(_Refused.REUSED_ID, "another message had this id")
    if known.refused:
        return ReportRefused(known.refused, known.detail)
    return False


def _refuse(
    message_id: str,
    body: bytes,
    digest: str,
    row: WarehouseOrder | None,
    refused: WarehouseReport.Refused,
    why: str,
) -> ReportRefused:
    detail = storable(why, _LONGEST_DETAIL)
    WarehouseReport.objects.create(
        message_id=message_id,
        at=row,
        digest=digest,
        refused=refused,
        detail=detail,
        body=storable(body.decode("utf-8", "replace"), _LONGEST_BODY),
    )
    return ReportRefused(refused, detail)


def _objection(
    row: WarehouseOrder, report: Report
) -> tuple[WarehouseReport.Refused | None, str]:
    """Return why the report cannot be true, if it cannot."""
    taken = row.reports.taken()
    if taken.filter(sequence=report.sequence).exists():
        return _Refused.SEQUENCE_TAKEN, f"sequence {report.sequence} was used before"
    asked = units(row.asked_items)
    items = report.parcel.items if report.parcel else report.items
    strange = sorted({item.sku for item in items} - set(asked))
    if strange:
        return _Refused.WRONG_ITEMS, f"not requested: {', '.join(strange)}"
    claimed = units(items)
    if report.parcel:
        claimed += _sent_by_others(row, report.parcel)
    beyond = claimed - asked
    if beyond:
        return _Refused.TOO_MANY_UNITS, f"more than requested: {dict(beyond)}"
    return None, ""


def _sent_by_others(row: WarehouseOrder, parcel: ParcelReport) -> Any:
    """Count what other parcels took, those included that are not applied yet."""
    known = {one.id: one for one in row.parcel_reports}
    waiting = row.reports.waiting().filter(kind=Kind.SHIPPED.value)
    for content in waiting.values_list("content", flat=True):
        other = report_from(content).parcel
        if other:
            known[other.id] = other
    known.pop(parcel.id, None)
    return units(item for one in known.values() for item in one.items)


def apply_waiting(row: WarehouseOrder, shipment: str) -> None:
    """Apply the stored reports that follow what is known, in their order."""
    while True:
        following = row.reports.waiting().filter(sequence=row.sequence + 1).first()
        if following is None:
            return
        report = report_from(following.content)
        _write(row, advanced(row.known(shipment), report, row.asked_items))
        WarehouseReport.objects.filter(pk=following.pk).update(applied_at=Now())


def _write(row: WarehouseOrder, status: Status) -> None:
    row.standing = WarehouseOrder.Standing(status.standing.value)
    row.sequence = status.sequence
    row.reason = status.reason
    row.short = [asdict(item) for item in status.short]
    row.parcels = [asdict(parcel) for parcel in status.parcels]
    row.heard_at = Now()
    row.save(
        update_fields=["standing", "sequence", "reason", "short", "parcels", "heard_at"]
    )
    row.refresh_from_db()


def is_behind(row: WarehouseOrder) -> bool:
    """Return whether a report is missing between what is known and what came."""
    return row.reports.waiting().exists()


def left_over(status: Status, asked: Any) -> dict[str, int]:
    """Return SKU -> units that were asked for and have not left."""
    return dict(units(asked) - sent(status))
