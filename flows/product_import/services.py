"""Take a file in: its lines are stored, and its flow is started, in one transaction."""

from collections.abc import Iterator

from django.db import transaction

from flows.goods_sheet.sheet import Line
from flows.product_import.definition import FLOW
from flows.product_import.models import ImportLine, ProductImport
from flows.services import start_flow


@transaction.atomic
def take_in(lines: list[Line], name: str, actor: str, language: str) -> ProductImport:
    """Store the lines of a file, and start to import them. Return the import."""
    source = ProductImport.objects.create(
        name=name[:100], language=language, uploaded_by=actor
    )
    ImportLine.objects.bulk_create(_rows(source, lines), batch_size=500)
    start_flow(FLOW, str(source.pk), {"by": actor})
    return source


def _rows(source: ProductImport, lines: list[Line]) -> Iterator[ImportLine]:
    seen: set[str] = set()
    for number, line in enumerate(lines):
        sku = line["sku"]
        yield ImportLine(
            source=source,
            number=number,
            row=line.number,
            cells=line.cells,
            is_repeated=sku in seen,
        )
        seen.add(sku)
