"""Preview what resuming or skipping a step of the shipping saga will do."""

from django.utils.translation import gettext

from backoffice.order_overview import OrderOverview
from backoffice.previews.preview import Preview
from checkout.status.names import (
    ANNOUNCE_SHIPMENT,
    AWAIT_ACCEPTANCE,
    AWAIT_SHIPMENT,
    REQUEST_FULFILMENT,
)


def preview_shipping(overview: OrderOverview, remaining: list[str]) -> Preview:
    """Preview the first step of ``remaining``; all others wait for the warehouse."""
    texts = {
        REQUEST_FULFILMENT: gettext(
            "Will ask the warehouse to send the order. It is sent once, however often "
            "it is asked."
        ),
        AWAIT_ACCEPTANCE: gettext(
            "Will ask the warehouse about the order. If it was rejected, it is asked "
            "again with the address and the items of now."
        ),
        AWAIT_SHIPMENT: gettext(
            "Will wait for the warehouse and record the parcels that it reports."
        ),
        ANNOUNCE_SHIPMENT: gettext(
            "Will record the parcels that left and send one mail for each to %(email)s."
        )
        % {"email": overview.order.email},
    }
    last = gettext("Will wait for the delivery, or close the shipment after some days.")
    effects = [texts.get(remaining[0], last), gettext("Will not charge anything.")]
    return Preview(effects, [])
