"""The stock-take: freeze, count, approve above a threshold, post."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from flows.alerts import channels
from flows.registry import Flow, local, register_flow
from flows.stock_take import steps
from flows.stock_take.counting import NAME
from saga.definition import Definition
from saga.step import Approval
from shop.web.admin_addresses import row_page

APPROVE = Approval(
    _("Much more or less was counted than the books say. Correct the books?"),
    permission="flows.approve_stocktake",
    within=timedelta(days=14),
    asked_by=steps.counted_by,
)
STOCK_TAKE = Definition(
    name=NAME,
    version=1,
    title=_("Stock-take"),
    channels=channels,
    background=True,
    steps=(
        local("freeze", _("List what is to be counted"), steps.freeze, steps.thaw),
        local("await_counts", _("Count"), steps.await_counts),
        local("judge", _("Compare"), steps.judge, choices=("approve", "post")),
        local("approve", _("Second person"), steps.approve, approval=APPROVE),
        local("post", _("Correct the books"), steps.post),
    ),
)


def _page(about: str) -> str:
    return row_page("flows_stocktake", about)


FLOW = register_flow(
    Flow(
        STOCK_TAKE,
        _("Counts the goods of some shelves, and corrects the books."),
        permission="flows.count_stocktake",
        page=_page,
    )
)
