"""What the steps of an import do, and of each of its lines."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from flows.goods_sheet.changes import plan
from flows.goods_sheet.services import take_over
from flows.goods_sheet.sheet import Line
from flows.product_import.models import ImportLine, ProductImport
from flows.services import about, about_of
from inventory.errors import OutOfStock, UnknownSku
from inventory.models import Movement
from inventory.services import adjust, announce
from saga.errors import Abort, ManualIntervention
from saga.models import Attempt
from saga.step import Context
from shop.catalogue.models import Product, Variant
from shop.catalogue.price_history import record_prices
from shop.catalogue.services import index_product

# What a line changes of a variant. Times are kept as text.
_PRICES = ("price_minor", "sale_minor", "weight_grams", "is_active")
_TIMES = ("sale_from", "sale_until")


def source_of(context: Context) -> ProductImport:
    return ProductImport.objects.get(pk=int(about_of(context)))


def line_of(context: Context) -> ImportLine:
    reference, number = context.item
    rows = ImportLine.objects.select_related("source")
    return rows.get(source=int(about(reference)), number=number)


def count_lines(context: Context) -> int:
    return source_of(context).lines.count()


def import_line(context: Context) -> dict[str, Any]:
    """Take one line over. Aborts with the errors of its cells, in words."""
    line = line_of(context)
    with translation.override(line.source.language):
        (change,) = plan([Line(line.row, line.cells)])
        if line.is_repeated:
            # Which of the two came last would be what the variant is in the end.
            change.errors.insert(0, gettext("This SKU is in the sheet twice."))
        if change.errors:
            raise Abort("; ".join(change.errors), "wrong line")
        before = _terms(change.variant.sku)
        if change.what:
            try:
                take_over([change], _booked_as(line), line.source.uploaded_by)
            except UnknownSku as error:
                raise Abort(error.sentence, "wrong line") from error
    values = {"before": before, "after": _terms(change.variant.sku)}
    ImportLine.objects.filter(pk=line.pk).update(
        **values, received=change.received, error=""
    )
    return {"sku": change.variant.sku, "changed": len(change.what)}


def take_back_line(context: Context) -> None:
    """Undo: give the variant what it had, unless somebody has changed it since.

    A new variant is taken off sale and not deleted: an order may know it. Received
    units are booked out again.
    """
    line = line_of(context)
    sku = str(line.cells.get("sku", ""))
    if line.after is None:
        return
    if _terms(sku) == line.after:
        back = line.before or {"is_active": False}
        Variant.objects.filter(sku=sku).update(**back)
        for product in Product.objects.filter(variants__sku=sku):
            index_product(product.pk)
            record_prices(product, line.source.uploaded_by)
    if line.received:
        try:
            _take_back_units(line, sku)
        except OutOfStock as error:
            message = f"the units of {sku} that came in are promised: {error}"
            raise ManualIntervention(message) from error
    ImportLine.objects.filter(pk=line.pk).update(before=None, after=None, received=0)


def _take_back_units(line: ImportLine, sku: str) -> None:
    """Book out what came in; announced units whose places it took are awaited again."""
    booked, undone = _booked_as(line), f"{_booked_as(line)} undone"
    places = Movement.objects.filter(
        item__sku=sku, kind=Movement.Kind.PREORDER, reference=booked
    )
    for quantity in places.values_list("quantity", flat=True):
        announce(sku, -quantity, undone, "CSV", "")
    adjust(sku, -line.received, undone, "CSV", "")


def sum_up(context: Context) -> dict[str, int]:
    """Write the errors to their lines, and how many lines were taken over."""
    source = source_of(context)
    refused = dict(context.refused_items())
    with translation.override(source.language):
        cancelled = str(Attempt.Outcome.CANCELLED.label)
    for number, error in refused.items():
        # Nothing refused a line that staff cancelled.
        source.lines.filter(number=number).update(error=error or cancelled)
    imported = source.lines.count() - len(refused)
    rows = ProductImport.objects.filter(pk=source.pk)
    rows.update(imported=imported, refused=len(refused))
    return {"imported": imported, "refused": len(refused)}


def forget_sums(context: Context) -> None:
    ProductImport.objects.filter(pk=source_of(context).pk).update(
        imported=None, refused=None
    )


def _booked_as(line: ImportLine) -> str:
    return f"import {line.source_id}, line {line.row}"


def _terms(sku: str) -> dict[str, Any] | None:
    """Return what the variant is now, as JSON has it; None if there is none."""
    variant = Variant.objects.filter(sku=sku).first()
    if variant is None:
        return None
    times = {name: getattr(variant, name) for name in _TIMES}
    return {
        **{name: getattr(variant, name) for name in _PRICES},
        **{name: when and when.isoformat() for name, when in times.items()},
    }
