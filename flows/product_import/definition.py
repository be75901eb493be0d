"""The import of a file of goods: a saga of each line, four at a time."""

from django.utils.translation import gettext_lazy as _

from flows.alerts import channels
from flows.product_import import steps
from flows.registry import Flow, local, register_flow
from saga.definition import Definition, register
from saga.step import Map
from shop.web.admin_addresses import row_page

IMPORT_LINE = register(
    Definition(
        name="import_line",
        version=1,
        title=_("Line of a file of goods"),
        channels=channels,
        background=True,
        steps=(
            local(
                "import_line",
                _("Take the line over"),
                steps.import_line,
                steps.take_back_line,
            ),
        ),
    )
)
LINES = Map(IMPORT_LINE.name, steps.count_lines, at_once=4, tolerant=True)
PRODUCT_IMPORT = Definition(
    name="product_import",
    version=1,
    title=_("Import of goods"),
    channels=channels,
    background=True,
    steps=(
        local(
            "import_lines",
            _("Take the lines over"),
            steps.sum_up,
            steps.forget_sums,
            over=LINES,
        ),
    ),
)


def _page(about: str) -> str:
    return row_page("flows_productimport", about)


FLOW = register_flow(
    Flow(
        PRODUCT_IMPORT,
        _("Takes over a file of goods line by line. Wrong lines are listed, with why."),
        permission="catalogue.change_product",
        page=_page,
    )
)
