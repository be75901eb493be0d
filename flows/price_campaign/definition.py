"""The price campaign: set the prices, wait for its end, take them back."""

from django.utils.translation import gettext_lazy as _

from flows.alerts import channels
from flows.price_campaign import steps
from flows.registry import Flow, local, register_flow
from saga.definition import Definition
from shop.web.admin_addresses import row_page

PRICE_CAMPAIGN = Definition(
    name="price_campaign",
    version=1,
    title=_("Price campaign"),
    channels=channels,
    background=True,
    steps=(
        local(
            "set_prices",
            _("Set the sale prices"),
            steps.set_prices,
            steps.forget_prices,
        ),
        local("await_beginning", _("Wait for the beginning"), steps.await_beginning),
        local("await_end", _("Wait for the end"), steps.await_end),
        local(
            "take_back_prices", _("Take the sale prices back"), steps.take_back_prices
        ),
    ),
)


def _page(about: str) -> str:
    return row_page("flows_pricecampaign", about)


FLOW = register_flow(
    Flow(
        PRICE_CAMPAIGN,
        _("Reduces chosen products for a time. Cancelling takes the prices back."),
        permission="catalogue.change_product",
        page=_page,
    )
)
